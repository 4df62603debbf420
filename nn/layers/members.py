"""An ensemble in one network: members that share their weights (Gorishniy et al. 2025, "TabM")."""

import numpy as np

from nn.arrays import Array, Shape
from nn.errors import SpecError
from nn.layers.base import Layer
from nn.options import option

MAX_MEMBERS = 64


class Members(Layer):
    """A copy of each row for each member of an ensemble, by whose own signs and scales its numbers are multiplied.

    Y = X ⊙ R, that is Yₛₖᵢ = Xₛᵢ Rₖᵢ for member k; X: (batch, n), R: (members, n), Y: (batch, members, n).

    What comes behind is computed for each copy. The members share all weights of dense layers, and differ by R and by
    the output layer, which is `member_dense`; R begins with random signs, which set them apart. They err in different
    ways, so that the mean of what they say is better than what one says. From ∂Yₛₖᵢ/∂Rₖᵢ = Xₛᵢ follows

        dRₖᵢ = Σₛ dYₛₖᵢ Xₛᵢ      dXₛᵢ = Σₖ dYₛₖᵢ Rₖᵢ
    """

    kind = "members"
    takes = "rows"
    count: int = option(8, least=2, most=MAX_MEMBERS, says="members of the ensemble")
    symbols = {"weight": "R"}
    decayed = ()
    R: Array
    dR: Array  # noqa: N815  # the mathematics keeps its capitals

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1:
            raise SpecError(f"members: expected rows of numbers, got inputs of shape {input_shape}")
        self.n_in = input_shape[0]
        return (self.count, self.n_in)

    def parameter_shapes(self) -> dict[str, Shape]:
        return {"weight": (self.count, self.n_in)}

    def initialize(self, rng: np.random.Generator) -> None:
        self.R[...] = rng.choice((-1.0, 1.0), self.R.shape)

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        self.X = X
        Y: Array = X[:, None] * self.R
        return Y

    def backward(self, dY: Array) -> Array:
        self.dR[...] = np.einsum("ski,si->ki", dY, self.X)
        dX: Array = np.einsum("ski,ki->si", dY, self.R)
        return dX
