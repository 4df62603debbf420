"""A factor for every feature."""

from nn.layers.base import Layer
from nn.options import option


class Gain(Layer):
    """A learned factor for every feature."""

    kind = "gain"
    symbols = {"weight": "w"}
    decayed = ()
    start: float = option(1.0, above=0, says="the first factors")

    def build(self, input_shape):
        self.features = input_shape[-1]
        return input_shape

    def parameter_shapes(self):
        return {"weight": (self.features,)}

    def initialize(self, rng):
        self.w.fill(self.start)

    def forward(self, X, rng):
        self.X = X
        return X * self.w

    def backward(self, dY):
        self.dw[...] = (dY * self.X).reshape(-1, self.features).sum(axis=0)
        return dY * self.w
