"""Dropout in buffers."""

import numpy as np

from nn.arrays import Array
from nn.kernels.registry import LayerKernel, kernel_for
from nn.layers import Dropout


@kernel_for(Dropout)
class DropoutKernel(LayerKernel, Dropout):
    """The mask is a buffer, and becomes dX."""

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        self.mask: Array | None = None
        if rng is None or self.rate == 0:
            return X
        self.mask = self.buffers.get("mask", X.shape)
        np.greater_equal(self.bits(X, rng), self.threshold, out=self.mask)
        np.multiply(self.mask, 1 / (1 - self.rate), out=self.mask)
        return np.multiply(X, self.mask, out=self.buffers.get("Y", X.shape))

    def backward(self, dY: Array) -> Array:
        if self.mask is None:
            return dY
        return np.multiply(dY, self.mask, out=self.mask)
