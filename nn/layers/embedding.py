"""Embeddings: each column of a table becomes a few learned numbers of its own (Gorishniy et al. 2022)."""

from collections.abc import Sequence

import numpy as np

from nn.arrays import Array, Shape
from nn.errors import SpecError
from nn.initializers import INITIALIZERS
from nn.layers.base import Layer
from nn.options import option


class Embedding(Layer):
    """Each column's features become `units` numbers of the column's own, before the columns are mixed.

    Y_c = X_c W_c for each column c, where X_c: (batch, width of c) are its features and W_c: (width of c, units) its
    rows of W; X: (batch, features), W: (features, units), Y: (batch, columns · units), the Y_c side by side. Of a
    category one feature is 1, and Y_c is its row of W: a table of learned vectors. Of a number in bins
    (`nn.preprocessing.encodings.piecewise_linear`) Y_c moves along a learned curve. As in a dense layer,

        dW_c = X_cᵀ dY_c      dX_c = dY_c W_cᵀ
    """

    kind = "embedding"
    takes = "rows"
    units: int = option(8, most=256, says="numbers that each column becomes")
    widths: Sequence[int] | None = option(
        None,
        in_a_job={"minItems": 1, "maxItems": 100_000},
        says="features of each column, in their order; null: those of the data set's columns",
    )
    initializer: str = option("he_normal", among=INITIALIZERS)
    symbols = {"weight": "W"}
    W: Array
    dW: Array  # noqa: N815  # the mathematics keeps its capitals

    def build(self, input_shape: Shape) -> Shape:
        if self.widths is None or input_shape != (sum(self.widths),):
            raise SpecError(f"embedding: expected widths that add up to its inputs, {input_shape}, got {self.widths}")
        self.features, self.columns = sum(self.widths), len(self.widths)
        ends = np.cumsum(self.widths).tolist()
        self.spans = [(end - width, end) for width, end in zip(self.widths, ends, strict=True)]
        return (self.columns * self.units,)

    def parameter_shapes(self) -> dict[str, Shape]:
        return {"weight": (self.features, self.units)}

    @property
    def multiplications(self) -> int:
        return self.features * self.units

    def initialize(self, rng: np.random.Generator) -> None:
        draw = INITIALIZERS[self.initializer]
        for i, j in self.spans:
            self.W[i:j] = draw((j - i, self.units), j - i, self.units, rng)

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        self.X = X
        Y: Array = np.empty((len(X), self.columns, self.units), X.dtype)
        for c, (i, j) in enumerate(self.spans):
            Y[:, c] = X[:, i:j] @ self.W[i:j]
        return Y.reshape(len(X), -1)

    def backward(self, dY: Array) -> Array:
        dY = dY.reshape(len(dY), self.columns, self.units)
        dX: Array = np.empty_like(self.X)
        for c, (i, j) in enumerate(self.spans):
            self.dW[i:j] = self.X[:, i:j].T @ dY[:, c]
            dX[:, i:j] = dY[:, c] @ self.W[i:j].T
        return dX
