"""Flatten into buffers."""

import numpy as np

from nn.arrays import Array
from nn.kernels.registry import LayerKernel, kernel_for
from nn.layers import Flatten


@kernel_for(Flatten)
class FlattenKernel(LayerKernel, Flatten):
    """Images are copied, rows are views."""

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        if X.ndim != 4:
            return X.reshape(len(X), -1)
        n, H, W, channels = X.shape
        Y: Array = self.buffers.get("Y", (n, channels, H, W))
        np.copyto(Y, X.transpose(0, 3, 1, 2))
        return Y.reshape(n, -1)

    def backward(self, dY: Array) -> Array:
        back = super().backward(dY)
        if back.ndim != 4:
            return back
        dX: Array = self.buffers.get("dX", back.shape)
        np.copyto(dX, back)
        return dX
