"""Flatten: images as rows of numbers, for dense layers after convolutions."""

import math

import numpy as np

from nn.arrays import Array, Shape
from nn.layers.base import Layer


class Flatten(Layer):
    """Y: (batch, channels · H · W) from X: (batch, H, W, channels), channel after channel as PyTorch has it.

    That order makes the weights of the dense layer that follows those of `torch.nn.Sequential`. Rows stay rows.
    """

    kind = "flatten"

    def build(self, input_shape: Shape) -> Shape:
        self.input_shape = input_shape
        return (math.prod(input_shape),)

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        if X.ndim != 4:
            return X.reshape(len(X), -1)
        n, H, W, channels = X.shape
        Y: Array = self.buffers.get("Y", (n, channels, H, W))
        np.copyto(Y, X.transpose(0, 3, 1, 2))
        return Y.reshape(n, -1)

    def backward(self, dY: Array) -> Array:
        n = len(dY)
        if len(self.input_shape) != 3:
            return dY.reshape(n, *self.input_shape)
        H, W, channels = self.input_shape
        dX: Array = self.buffers.get("dX", (n, H, W, channels))
        np.copyto(dX, dY.reshape(n, channels, H, W).transpose(0, 2, 3, 1))
        return dX
