"""The dense layer: every output is a weighted sum of every input (docs/backpropagation.md, section 4)."""

import math

import numpy as np

from nn.arrays import Array, Shape
from nn.errors import SpecError
from nn.initializers import INITIALIZERS
from nn.layers.base import MAX_UNITS, Layer
from nn.options import option


class Dense(Layer):
    """Every output a weighted sum of every input.

    Y = X Wᵀ + b, that is Yₛⱼ = Σᵢ Xₛᵢ Wⱼᵢ + bⱼ for row s of the batch.

    X: (batch, n_in), W: (n_out, n_in), b: (n_out,), Y: (batch, n_out). From ∂Yₛⱼ/∂Wⱼᵢ = Xₛᵢ, ∂Yₛⱼ/∂bⱼ = 1 and
    ∂Yₛⱼ/∂Xₛᵢ = Wⱼᵢ follows, summing over all paths from the parameter to the loss,

        dWⱼᵢ = Σₛ dYₛⱼ Xₛᵢ      dW = dYᵀ X
        dbⱼ  = Σₛ dYₛⱼ          db = dYᵀ 1
        dXₛᵢ = Σⱼ dYₛⱼ Wⱼᵢ      dX = dY W

    A row of W is one neuron's weights, as in PyTorch's files. Behind `members` a batch has rows for each member of an
    ensemble, X: (batch, members, n_in); all of them are rows to this layer.
    """

    kind = "dense"
    takes = "rows"
    units: int = option(most=MAX_UNITS, in_a_job={"maximum": 8192})
    bias: bool = option(True)
    initializer: str = option("he_normal", among=INITIALIZERS)
    symbols = {"weight": "W", "bias": "b"}
    W: Array
    dW: Array  # noqa: N815  # the mathematics keeps its capitals
    b: Array
    db: Array

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) > 2:
            raise SpecError(
                f"dense: expected rows of numbers, got inputs of shape {input_shape}; put flatten before it"
            )
        *members, self.n_in = input_shape
        self.fan_out, self.members = self.units, tuple(members)
        return (*members, self.units)

    def parameter_shapes(self) -> dict[str, Shape]:
        shapes: dict[str, Shape] = {"weight": (self.units, self.n_in)}
        return shapes | {"bias": (self.units,)} if self.bias else shapes

    @property
    def multiplications(self) -> int:
        return math.prod(self.members) * self.n_in * self.units

    def initialize(self, rng: np.random.Generator) -> None:
        self.W[...] = INITIALIZERS[self.initializer](self.W.shape, self.n_in, self.fan_out, rng)
        if self.bias:
            self.b.fill(0)

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        self.X = X
        Y: Array = X @ self.W.T
        return Y + self.b if self.bias else Y

    def backward(self, dY: Array) -> Array:
        rows = dY.reshape(-1, self.units)
        self.dW[...] = rows.T @ self.X.reshape(-1, self.n_in)
        if self.bias:
            self.db[...] = rows.sum(axis=0)
        dX: Array = dY @ self.W
        return dX
