"""Dropout: a different thinned network at every step, and their average at prediction (Srivastava et al. 2014)."""

import numpy as np

from nn import checks
from nn.arrays import Array, Shape
from nn.layers.base import Layer


class Dropout(Layer):
    """Y = M ⊙ X while training, each Mₛᵢ being 1/(1 − p) with probability 1 − p, else 0; Y = X at prediction.

    The division keeps E[Y] = X ("inverted" dropout). dX = M ⊙ dY.
    """

    kind = "dropout"
    options = ("rate",)

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = checks.real(rate, "dropout rate", below=1.0)

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        self.mask: Array | None = None
        if rng is None or self.rate == 0:
            return X
        # 16 random bits a number are enough to compare with a rate, and four times cheaper than a 64-bit double.
        bits = np.frombuffer(rng.bytes(2 * X.size), np.uint16).reshape(X.shape)
        self.mask = self.buffers.get("mask", X.shape)
        np.greater_equal(bits, round(self.rate * 65536), out=self.mask)
        np.multiply(self.mask, 1 / (1 - self.rate), out=self.mask)
        return np.multiply(X, self.mask, out=self.buffers.get("Y", X.shape))

    def backward(self, dY: Array) -> Array:
        if self.mask is None:
            return dY
        return np.multiply(dY, self.mask, out=self.mask)
