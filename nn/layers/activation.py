"""A non-linear function of each number on its own: without it, dense layers in a row would be one dense layer."""

import numpy as np

from nn import checks
from nn.activations import ACTIVATIONS
from nn.arrays import Array, Shape
from nn.layers.base import Layer


class ActivationLayer(Layer):
    """Y = σ(X) element by element, σ from `nn.activations`; the chain rule gives dX = dY ⊙ σ′(X)."""

    def __init__(self, function: str) -> None:
        self.f = checks.lookup(ACTIVATIONS, function, "activation")
        self.kind = function  # type: ignore[misc]  # each function is a layer of its own

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        Y, self.slope = self.f(X)
        return Y

    def backward(self, dY: Array) -> Array:
        return dY * self.slope
