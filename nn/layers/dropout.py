"""Dropout: a different thinned network at every step, and their average at prediction (Srivastava et al. 2014)."""

import numpy as np

from nn.arrays import AnyArray, Array, Shape
from nn.layers.base import Layer
from nn.options import option


class Dropout(Layer):
    """Leaves out a share of the numbers at each training step.

    Y = M ⊙ X while training, each Mₛᵢ being 1/(1 − p) with probability 1 − p, else 0; Y = X at prediction.

    The division keeps E[Y] = X ("inverted" dropout). dX = M ⊙ dY.
    """

    kind = "dropout"
    rate: float = option(below=1)

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def bits(self, X: Array, rng: np.random.Generator) -> AnyArray:
        """16 random bits for each number of X: enough to compare with a rate, and a quarter of a double's price."""
        return np.frombuffer(rng.bytes(2 * X.size), np.uint16).reshape(X.shape)

    @property
    def threshold(self) -> int:
        """The smallest bits that keep their number."""
        return round(self.rate * 65536)

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        if rng is None or self.rate == 0:
            self.M: Array = np.ones((), X.dtype)
            return X
        self.M = (self.bits(X, rng) >= self.threshold).astype(X.dtype) / (1 - self.rate)
        return self.M * X

    def backward(self, dY: Array) -> Array:
        return self.M * dY
