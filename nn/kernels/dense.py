"""The dense layer with its products split between cores, into buffers and onto sums."""

from typing import Any

import numpy as np

from nn.arrays import AnyArray, Array, Shape
from nn.kernels.blas import AccumulatedProduct
from nn.kernels.registry import AccumulatingKernel, kernel_for
from nn.kernels.split_matmul import SplitMatmul
from nn.layers import Dense


@kernel_for(Dense)
class DenseKernel(AccumulatingKernel, Dense):
    """In memory a neuron's weights are a column: there lies Wᵀ.

    The products of the formulas, which read and write Wᵀ as it lies, are a tenth faster.
    """

    def parameter_shapes(self) -> dict[str, Shape]:
        return super().parameter_shapes() | {"weight": (self.n_in, self.units)}

    def bind(self, *views: Any) -> None:
        super().bind(*views)
        self.products = SplitMatmul(self.W, self.dW)
        self.W, self.dW = self.W.T, self.dW.T
        if self.bias:
            self.add_db = AccumulatedProduct(self.db)

    def stored(self, name: str) -> AnyArray:
        return self.W if name == "weight" else super().stored(name)

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        self.X = X = self._rows(X)
        Y: Array = self.buffers.get("Y", (len(X), self.units))
        if rng is not None:
            self.products.forward(X, self.b if self.bias else 0.0, Y)
        else:
            np.matmul(X, self.W.T, out=Y)
            if self.bias:
                np.add(Y, self.b, out=Y)
        return self._by_member(Y)

    def backward(self, dY: Array) -> Array:
        dY = self._rows(dY)
        if self.bias:
            self.add_db(self.ones(len(dY)), dY, self.scale)
        if not self.needs_input_gradient:
            self.products.backward(self.X, dY, None, self.scale)
            return dY
        dX: Array = self.buffers.get("dX", (len(dY), self.n_in))
        self.products.backward(self.X, dY, dX, self.scale)
        return self._by_member(dX)

    def _rows(self, X: Array) -> Array:
        """The same array where there are no members: the products are kept for it."""
        return X.reshape(-1, X.shape[-1]) if self.members else X

    def _by_member(self, Y: Array) -> Array:
        return Y.reshape(-1, *self.members, Y.shape[-1]) if self.members else Y
