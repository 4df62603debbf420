"""Pooling over views: each pixel of a square, in all squares at once, is one strided array."""

import numpy as np

from nn.arrays import Array
from nn.kernels.registry import LayerKernel, kernel_for
from nn.layers import AveragePooling2D, MaxPooling2D
from nn.layers.pooling import Pooling


class PoolingKernel(LayerKernel, Pooling):
    """What both kinds share."""

    def corners(self, X: Array) -> list[Array]:
        """For each pixel of a square, the view of that pixel in all squares: size² arrays of Y's shape."""
        s, P, Q = self.size, self.P, self.Q
        return [X[:, i : i + s * (P - 1) + 1 : s, j : j + s * (Q - 1) + 1 : s] for i in range(s) for j in range(s)]

    def gradient_buffer(self, n: int) -> Array:
        """dX, zeroed once: pixels that no square sees are never written."""
        dX: Array = self.buffers.get("dX", (n, *self.input_shape))
        return dX


@kernel_for(MaxPooling2D)
class MaxPooling2DKernel(PoolingKernel, MaxPooling2D):
    """`free` holds the squares whose largest pixel has not been met yet."""

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        self.X = X
        first, *others = self.corners(X)
        Y: Array = self.buffers.get("Y", first.shape)
        np.copyto(Y, first)
        for corner in others:
            np.maximum(Y, corner, out=Y)
        self.Y = Y
        return Y

    def backward(self, dY: Array) -> Array:
        dX = self.gradient_buffer(len(dY))
        free = self.buffers.get("free", dY.shape, np.bool_)
        here = self.buffers.get("here", dY.shape, np.bool_)
        free.fill(True)
        for x, dx in zip(self.corners(self.X), self.corners(dX), strict=True):
            np.equal(x, self.Y, out=here)
            np.logical_and(here, free, out=here)
            np.not_equal(free, here, out=free)
            np.multiply(dY, here, out=dx)
        return dX


@kernel_for(AveragePooling2D)
class AveragePooling2DKernel(PoolingKernel, AveragePooling2D):
    """Sums and shares, view by view."""

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        first, *others = self.corners(X)
        Y: Array = self.buffers.get("Y", first.shape)
        np.copyto(Y, first)
        for corner in others:
            np.add(Y, corner, out=Y)
        return np.multiply(Y, 1 / self.size**2, out=Y)

    def backward(self, dY: Array) -> Array:
        dX = self.gradient_buffer(len(dY))
        for dx in self.corners(dX):
            np.multiply(dY, 1 / self.size**2, out=dx)
        return dX
