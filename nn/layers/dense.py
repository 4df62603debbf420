"""The dense layer: every output is a weighted sum of every input (docs/backpropagation.md, section 4)."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from nn import checks
from nn.arrays import AnyArray, Array, Shape
from nn.blas import AddedProduct
from nn.errors import SpecError
from nn.halves import Halves
from nn.initializers import INITIALIZERS
from nn.layers.base import MAX_UNITS, Layer


class Dense(Layer):
    """Y = X Wᵀ + b, that is Yₛⱼ = Σᵢ Xₛᵢ Wⱼᵢ + bⱼ for row s of the batch.

    X: (batch, n_in), W: (n_out, n_in), b: (n_out,), Y: (batch, n_out). From ∂Yₛⱼ/∂Wⱼᵢ = Xₛᵢ, ∂Yₛⱼ/∂bⱼ = 1 and
    ∂Yₛⱼ/∂Xₛᵢ = Wⱼᵢ follows, summing over all paths from the parameter to the loss,

        dWⱼᵢ = Σₛ dYₛⱼ Xₛᵢ      dW = dYᵀ X
        dbⱼ  = Σₛ dYₛⱼ          db = 1ᵀ dY
        dXₛᵢ = Σⱼ dYₛⱼ Wⱼᵢ      dX = dY W

    A row of W is one neuron's weights, as in PyTorch's files. In memory it is a column: there lies Wᵀ, and the products
    above, which read and write Wᵀ as it lies, are a tenth faster.
    """

    kind = "dense"
    options = ("units", "bias", "initializer")

    def __init__(self, units: int, *, bias: bool = True, initializer: str = "he_normal") -> None:
        super().__init__()
        self.units = checks.integer(units, "dense units", most=MAX_UNITS)
        self.bias = checks.flag(bias, "dense bias")
        checks.lookup(INITIALIZERS, initializer, "initializer")
        self.initializer = initializer

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1:
            raise SpecError(
                f"dense: expected rows of numbers, got inputs of shape {input_shape}; put flatten before it"
            )
        self.n_in = input_shape[0]
        return (self.units,)

    def parameter_shapes(self) -> dict[str, Shape]:
        shapes: dict[str, Shape] = {"weight": (self.n_in, self.units)}
        return shapes | {"bias": (self.units,)} if self.bias else shapes

    @property
    def multiplications(self) -> int:
        return self.n_in * self.units

    def bind(self, parameters: Mapping[str, Array], gradients: Mapping[str, Array], statistics: Mapping[str, Array],
             dtype: npt.DTypeLike) -> None:  # fmt: skip
        super().bind(parameters, gradients, statistics, dtype)
        self.W, self.dW = parameters["weight"].T, gradients["weight"].T
        self.halves = Halves(self.W.T, self.dW.T)
        if self.bias:
            self.b, self.db = parameters["bias"], gradients["bias"]
            self.add_db = AddedProduct(self.db)

    def stored(self, name: str) -> AnyArray:
        return self.W if name == "weight" else super().stored(name)

    def initialize(self, rng: np.random.Generator) -> None:
        self.W[...] = INITIALIZERS[self.initializer](self.W.shape, self.n_in, self.units, rng)
        if self.bias:
            self.b.fill(0)

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        self.X = X
        Y: Array = self.buffers.get("Y", (len(X), self.units))
        if rng is not None:
            self.halves.forward(X, self.b if self.bias else 0.0, Y)
            return Y
        np.matmul(X, self.W.T, out=Y)
        if self.bias:
            np.add(Y, self.b, out=Y)
        return Y

    def backward(self, dY: Array) -> Array:
        if self.bias:
            self.add_db(self.ones(len(dY)), dY, self.add)
        if not self.needs_input_gradient:
            self.halves.backward(self.X, dY, None, self.add)
            return dY
        dX: Array = self.buffers.get("dX", (len(dY), self.n_in))
        self.halves.backward(self.X, dY, dX, self.add)
        return dX
