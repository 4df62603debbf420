"""Flatten: images as rows of numbers, for dense layers after convolutions."""

import math

import numpy as np

from nn.arrays import Array, Shape
from nn.layers.base import Layer


class Flatten(Layer):
    """Images as rows; put before the output by itself where it is not listed.

    Y: (batch, channels · H · W) from X: (batch, H, W, channels), channel after channel as PyTorch has it.

    That order makes the weights of the dense layer that follows those of `torch.nn.Sequential`. Rows stay rows.
    """

    kind = "flatten"
    makes = "rows"

    def build(self, input_shape: Shape) -> Shape:
        self.input_shape = input_shape
        return (math.prod(input_shape),)

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        return (X.transpose(0, 3, 1, 2) if X.ndim == 4 else X).reshape(len(X), -1)

    def backward(self, dY: Array) -> Array:
        if len(self.input_shape) != 3:
            return dY.reshape(len(dY), *self.input_shape)
        H, W, channels = self.input_shape
        return dY.reshape(len(dY), channels, H, W).transpose(0, 2, 3, 1)
