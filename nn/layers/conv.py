"""2-D convolution: one small dense layer, looking at every place of an image with the same weights (LeCun et al. 1989).

Images are (height, width, channels), the channel running fastest, as most image libraries hold them. The gradient is
that of a dense layer on copies of pixels (docs/backpropagation.md, section 4).
"""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from nn import checks
from nn.arrays import AnyArray, Array, Shape
from nn.blas import AddedProduct
from nn.errors import SpecError
from nn.initializers import INITIALIZERS
from nn.layers.base import MAX_FILTERS, MAX_PIXELS, Layer


def image_shape(shape: Shape, what: str) -> tuple[int, int, int]:
    """(height, width, channels), or SpecError."""
    if len(shape) != 3:
        raise SpecError(f"{what}: expected images of (height, width, channels), got inputs of shape {shape}")
    return shape[0], shape[1], shape[2]


class Conv2D(Layer):
    """Yₛₚq𝑓 = Σᵢⱼ𝑐 X′ₛ,ₚₜ₊ᵢ,qₜ₊ⱼ,𝑐 W𝑓ᵢⱼ𝑐 + b𝑓 with stride t, X′ being X with `padding` zeros around it.

    X: (batch, H, W, channels), W: (filters, k, k, channels), b: (filters,), Y: (batch, P, Q, filters) with
    P = ⌊(H + 2 padding − k) / t⌋ + 1. Written as a matrix C with one row for each place (s, p, q), holding the
    k·k·channels numbers that the filter sees there ("im2col", Chellapilla et al. 2006), it is the dense layer again:

        Y = C Wᵀ + b        dW = dYᵀ C        dC = dY W

    and dX′ adds up all entries of dC that were copies of the same pixel.
    """

    kind = "conv2d"
    options = ("filters", "kernel", "stride", "padding", "bias", "initializer")
    takes_images = True

    def __init__(self, filters: int, kernel: int, *, stride: int = 1, padding: int = 0, bias: bool = True,
                 initializer: str = "he_normal") -> None:  # fmt: skip
        super().__init__()
        self.filters = checks.integer(filters, "conv2d filters", most=MAX_FILTERS)
        self.kernel = checks.integer(kernel, "conv2d kernel", most=MAX_PIXELS)
        self.stride = checks.integer(stride, "conv2d stride", most=MAX_PIXELS)
        self.padding = checks.integer(padding, "conv2d padding", least=0, most=MAX_PIXELS)
        self.bias = checks.flag(bias, "conv2d bias")
        checks.lookup(INITIALIZERS, initializer, "initializer")
        self.initializer = initializer

    def build(self, input_shape: Shape) -> Shape:
        H, W, self.channels = image_shape(input_shape, "conv2d")
        self.padded = (H + 2 * self.padding, W + 2 * self.padding, self.channels)
        if self.kernel > min(self.padded[:2]):
            raise SpecError(f"conv2d kernel: expected at most the image with its padding, {self.padded[0]}×"
                            f"{self.padded[1]}, got {self.kernel}")  # fmt: skip
        self.P, self.Q = ((size - self.kernel) // self.stride + 1 for size in self.padded[:2])
        self.seen = self.kernel * self.kernel * self.channels
        return (self.P, self.Q, self.filters)

    def parameter_shapes(self) -> dict[str, Shape]:
        shapes: dict[str, Shape] = {"weight": (self.filters, self.kernel, self.kernel, self.channels)}
        return shapes | {"bias": (self.filters,)} if self.bias else shapes

    @property
    def multiplications(self) -> int:
        return self.P * self.Q * self.filters * self.seen

    @property
    def scratch(self) -> int:
        return self.P * self.Q * self.seen + (math.prod(self.padded) if self.padding else 0)

    def stored(self, name: str) -> AnyArray:
        array = super().stored(name)
        return array.transpose(0, 3, 1, 2) if name == "weight" else array

    def bind(self, parameters: Mapping[str, Array], gradients: Mapping[str, Array], statistics: Mapping[str, Array],
             dtype: npt.DTypeLike) -> None:  # fmt: skip
        super().bind(parameters, gradients, statistics, dtype)
        self.W = parameters["weight"].reshape(self.filters, self.seen)
        self.dW = gradients["weight"].reshape(self.filters, self.seen)
        self.add_dW = AddedProduct(self.dW)
        if self.bias:
            self.b, self.db = parameters["bias"], gradients["bias"]
            self.add_db = AddedProduct(self.db)

    def initialize(self, rng: np.random.Generator) -> None:
        reached = self.kernel * self.kernel * self.filters
        self.W[...] = INITIALIZERS[self.initializer](self.W.shape, self.seen, reached, rng)
        if self.bias:
            self.b.fill(0)

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        n, p = len(X), self.padding
        if p:
            padded: Array = self.buffers.get("padded", (n, *self.padded))
            padded[:, p:-p, p:-p] = X
            X = padded
        C: Array = self.buffers.get("C", (n, self.P, self.Q, self.kernel, self.kernel, self.channels))
        s, h, w, c = X.strides
        np.copyto(C, as_strided(X, C.shape, (s, h * self.stride, w * self.stride, h, w, c), writeable=False))
        self.C = C.reshape(-1, self.seen)
        Y: Array = self.buffers.get("Y", (n, self.P, self.Q, self.filters))
        rows = Y.reshape(-1, self.filters)
        np.matmul(self.C, self.W.T, out=rows)
        if self.bias:
            np.add(rows, self.b, out=rows)
        return Y

    def backward(self, dY: Array) -> Array:
        rows = dY.reshape(-1, self.filters)
        self.add_dW(rows, self.C, self.add)  # dW = dYᵀ C
        if self.bias:
            self.add_db(self.ones(len(rows)), rows, self.add)
        if not self.needs_input_gradient:
            return dY
        n, k, t, p = len(dY), self.kernel, self.stride, self.padding
        dC: Array = self.buffers.get("dC", (n, self.P, self.Q, k, k, self.channels))
        np.matmul(rows, self.W, out=dC.reshape(-1, self.seen))
        dX: Array = self.buffers.get("dX", (n, *self.padded))
        dX.fill(0)
        for i in range(k):  # One row of the filter, at one column of places: the longest runs of memory there are.
            for q in range(self.Q):
                part = dX[:, i : i + t * self.P : t, q * t : q * t + k]
                np.add(part, dC[:, :, q, i], out=part)
        return dX[:, p:-p, p:-p] if p else dX
