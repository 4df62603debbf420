"""A dense layer of its own for each member of an ensemble (`nn.layers.members`)."""

import numpy as np

from nn.arrays import Array, Shape
from nn.errors import SpecError
from nn.layers.dense import Dense


class MemberDense(Dense):
    """A dense layer for each member of an ensemble: every output a weighted sum of the member's own inputs.

    Yₛₖⱼ = Σᵢ Xₛₖᵢ Wₖⱼᵢ + bₖⱼ for member k, which is Yₖ = Xₖ Wₖᵀ + bₖ as in `dense`; X: (batch, members, n_in),
    W: (members, n_out, n_in), b: (members, n_out), Y: (batch, members, n_out), and

        dWₖ = dYₖᵀ Xₖ      dbₖ = dYₖᵀ 1      dXₖ = dYₖ Wₖ
    """

    kind = "member_dense"

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2:
            raise SpecError(
                f"member_dense: expected rows for each member, got inputs of shape {input_shape}; put members before it"
            )
        return super().build(input_shape)

    def parameter_shapes(self) -> dict[str, Shape]:
        return {name: (*self.members, *shape) for name, shape in super().parameter_shapes().items()}

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        self.X = X
        Y: Array = np.matmul(X.swapaxes(0, 1), self.W.swapaxes(1, 2)).swapaxes(0, 1)
        return Y + self.b if self.bias else Y

    def backward(self, dY: Array) -> Array:
        by_member = dY.swapaxes(0, 1)
        self.dW[...] = np.matmul(by_member.swapaxes(1, 2), self.X.swapaxes(0, 1))
        if self.bias:
            self.db[...] = dY.sum(axis=0)
        dX: Array = np.matmul(by_member, self.W).swapaxes(0, 1)
        return dX
