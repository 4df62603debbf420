"""Batch normalisation: every feature with mean 0 and variance 1 over the batch, then a learned scale and shift.

docs/backpropagation.md, section 4, derives its gradient.
"""

import math

import numpy as np

from nn.arrays import Array, Shape
from nn.errors import SpecError
from nn.layers.base import Layer
from nn.options import option


class BatchNorm(Layer):
    """Every feature with mean 0 and variance 1 over the batch, then a learned scale and shift.

    Y = γ X̂ + β with X̂ = (X − μ) / s, s = √(σ² + ε), μ and σ² over the batch (Ioffe & Szegedy 2015, algorithm 1).

    X: (batch, features), or images, where each channel is a feature and its pixels are part of the batch of m numbers.
    Since μ and σ² depend on every X, each dX depends on all dY (ibid., section 3, gathered into one line):

        dγ = Σ dY ⊙ X̂      dβ = Σ dY      dX = γ/s ⊙ (dY − dβ/m − X̂ ⊙ dγ/m)

    At prediction μ and σ² are running means, moved by `momentum` at each step: r ← (1 − momentum) r + momentum · new,
    the variance unbiased (m − 1), as PyTorch has it; a batch of one number leaves them alone.
    """

    kind = "batch_norm"
    momentum: float = option(0.1, above=0, below=1, says="share of a new batch in the running means")
    epsilon: float = option(1e-5, above=0)
    symbols = {"weight": "gamma", "bias": "beta"}
    decayed = ()
    gamma: Array
    dgamma: Array
    beta: Array
    dbeta: Array
    running_mean: Array
    running_var: Array

    def build(self, input_shape: Shape) -> Shape:
        self.features, self.input_shape = input_shape[-1], input_shape
        self.numbers = math.prod(input_shape[:-1])  # of each feature, in one row
        return input_shape

    def check_batch(self, rows: int) -> None:
        if self.numbers * rows == 1:
            raise SpecError("batch_norm: expected batches of two rows or more, of one there is no variance")

    def parameter_shapes(self) -> dict[str, Shape]:
        return {"weight": (self.features,), "bias": (self.features,)}

    def statistics_shapes(self) -> dict[str, Shape]:
        return {"running_mean": (self.features,), "running_var": (self.features,)}

    def initialize(self, rng: np.random.Generator) -> None:
        for array, start in ((self.gamma, 1), (self.beta, 0), (self.running_mean, 0), (self.running_var, 1)):
            array.fill(start)

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        x, mean, variance = X.reshape(-1, self.features), self.running_mean, self.running_var
        if rng is not None:
            mean, variance = x.mean(axis=0), x.var(axis=0)
            self.remember(mean, variance, len(x))
        self.s = np.sqrt(variance + self.epsilon)
        self.x_hat = (x - mean) / self.s
        y: Array = self.gamma * self.x_hat + self.beta
        return y.reshape(X.shape)

    def remember(self, mean: Array, variance: Array, m: int) -> None:
        """Move the running means towards those of a batch of m numbers."""
        if m > 1:  # one number says nothing of a variance
            self.running_mean += self.momentum * (mean - self.running_mean)
            self.running_var += self.momentum * (variance * (m / (m - 1)) - self.running_var)

    def backward(self, dY: Array) -> Array:
        dy = dY.reshape(-1, self.features)
        m = len(dy)
        self.dgamma[...] = (dy * self.x_hat).sum(axis=0)
        self.dbeta[...] = dy.sum(axis=0)
        dx: Array = self.gamma / self.s * (dy - self.dbeta / m - self.x_hat * self.dgamma / m)
        return dx.reshape(dY.shape)
