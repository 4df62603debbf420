"""2-D convolution: one small dense layer, looking at every place of an image with the same weights (LeCun et al. 1989).

Images are (height, width, channels), the channel running fastest, as most image libraries hold them. The gradient is
that of a dense layer on copies of pixels (docs/backpropagation.md, section 4).
"""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nn.arrays import AnyArray, Array, Shape
from nn.errors import SpecError
from nn.initializers import INITIALIZERS
from nn.layers.base import MAX_FILTERS, MAX_PIXELS
from nn.layers.dense import Dense
from nn.options import option


def image_shape(shape: Shape, what: str) -> tuple[int, int, int]:
    """(height, width, channels), or SpecError."""
    if len(shape) != 3:
        raise SpecError(f"{what}: expected images of (height, width, channels), got inputs of shape {shape}")
    return shape[0], shape[1], shape[2]


class Conv2D(Dense, inherits=False):
    """A 2-D convolution; images only.

    Yₛₚq𝑓 = Σᵢⱼ𝑐 X′ₛ,ₚₜ₊ᵢ,qₜ₊ⱼ,𝑐 W𝑓ᵢⱼ𝑐 + b𝑓 with stride t, X′ being X with `padding` zeros around it.

    X: (batch, H, W, channels), W: (filters, k, k, channels), b: (filters,), Y: (batch, P, Q, filters) with
    P = ⌊(H + 2 padding − k) / t⌋ + 1. Written as a matrix C with one row for each place (s, p, q), holding the
    k·k·channels numbers that the filter sees there ("im2col", Chellapilla et al. 2006), it is the dense layer again:

        Y = C Wᵀ + b        dW = dYᵀ C        dC = dY W

    and dX′ adds up all entries of dC that were copies of the same pixel.
    """

    kind = "conv2d"
    takes = "images"
    window = {"side": "kernel", "stride": "stride", "padding": "padding"}
    filters: int = option(most=MAX_FILTERS)
    kernel: int = option(most=MAX_PIXELS, says="side of the square that a filter sees")
    stride: int = option(1, most=MAX_PIXELS)
    padding: int = option(0, least=0, most=MAX_PIXELS, says="zeros around the image")
    bias: bool = option(True)
    initializer: str = option("he_normal", among=INITIALIZERS)

    def prepare(self) -> None:
        self.units = self.filters

    def build(self, input_shape: Shape) -> Shape:
        H, W, self.channels = image_shape(input_shape, "conv2d")
        self.padded = (H + 2 * self.padding, W + 2 * self.padding, self.channels)
        if self.kernel > min(self.padded[:2]):
            raise SpecError(
                f"conv2d kernel: expected at most the image with its padding, {self.padded[0]}×"
                f"{self.padded[1]}, got {self.kernel}"
            )
        self.P, self.Q = ((size - self.kernel) // self.stride + 1 for size in self.padded[:2])
        self.n_in, self.fan_out = self.kernel**2 * self.channels, self.kernel**2 * self.filters
        return (self.P, self.Q, self.filters)

    @property
    def multiplications(self) -> int:
        return self.P * self.Q * self.filters * self.n_in

    @property
    def scratch(self) -> int:
        return self.P * self.Q * self.n_in + (math.prod(self.padded) if self.padding else 0)

    def stored(self, name: str) -> AnyArray:
        array = super().stored(name)
        shape = (self.filters, self.kernel, self.kernel, self.channels)
        return array.reshape(shape).transpose(0, 3, 1, 2) if name == "weight" else array

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        k, t, p = self.kernel, self.stride, self.padding
        X = np.pad(X, ((0, 0), (p, p), (p, p), (0, 0)))
        seen = sliding_window_view(X, (k, k), axis=(1, 2))[:, ::t, ::t]  # (batch, P, Q, channels, k, k)
        C = np.moveaxis(seen, 3, 5).reshape(-1, self.n_in)
        return super().forward(C, rng).reshape(len(X), self.P, self.Q, self.filters)

    def backward(self, dY: Array) -> Array:
        k, t, p, P, Q = self.kernel, self.stride, self.padding, self.P, self.Q
        dC = super().backward(dY.reshape(-1, self.filters)).reshape(len(dY), P, Q, k, k, self.channels)
        dX: Array = np.zeros((len(dY), *self.padded), dY.dtype)
        for i, j in np.ndindex(k, k):
            dX[:, i : i + t * P : t, j : j + t * Q : t] += dC[:, :, :, i, j]
        return dX[:, p:-p, p:-p] if p else dX
