"""Batch normalisation: every feature with mean 0 and variance 1 over the batch, then a learned scale and shift.

docs/backpropagation.md, section 4, derives its gradient.
"""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from nn import checks
from nn.arrays import Array, Shape
from nn.errors import SpecError
from nn.layers.base import Layer


class BatchNorm(Layer):
    """Y = γ X̂ + β with X̂ = (X − μ) / √(σ² + ε), μ and σ² over the batch (Ioffe & Szegedy 2015, algorithm 1).

    X: (batch, features), or images, where each channel is a feature and its pixels are part of the batch of m numbers.
    Since μ and σ² depend on every X, each dX depends on all dY (ibid., section 3, gathered into one line):

        dγ = Σ dY ⊙ X̂      dβ = Σ dY      dX = γ / √(σ² + ε) ⊙ (dY − dβ/m − X̂ ⊙ dγ/m)

    At prediction μ and σ² are running means, moved by `momentum` at each step: r ← (1 − momentum) r + momentum · new,
    the variance unbiased (m − 1), as PyTorch has it; a batch of one number leaves them alone.
    """

    kind = "batch_norm"
    options = ("momentum", "epsilon")
    decayed = ()

    def __init__(self, *, momentum: float = 0.1, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.momentum = checks.real(momentum, "batch_norm momentum", above=0.0, below=1.0)
        self.epsilon = checks.real(epsilon, "batch_norm epsilon", above=0.0)

    def build(self, input_shape: Shape) -> Shape:
        self.features = input_shape[-1]
        self.numbers = math.prod(input_shape[:-1])  # of each feature, in one row
        return input_shape

    def check_batch(self, rows: int) -> None:
        if self.numbers * rows == 1:
            raise SpecError("batch_norm: expected batches of two rows or more, of one there is no variance")

    def parameter_shapes(self) -> dict[str, Shape]:
        return {"weight": (self.features,), "bias": (self.features,)}

    def statistics_shapes(self) -> dict[str, Shape]:
        return {"running_mean": (self.features,), "running_var": (self.features,)}

    def bind(self, parameters: Mapping[str, Array], gradients: Mapping[str, Array], statistics: Mapping[str, Array],
             dtype: npt.DTypeLike) -> None:  # fmt: skip
        super().bind(parameters, gradients, statistics, dtype)
        self.gamma, self.beta = parameters["weight"], parameters["bias"]
        self.d_gamma, self.d_beta = gradients["weight"], gradients["bias"]
        self.running_mean, self.running_var = statistics["running_mean"], statistics["running_var"]

    def initialize(self, rng: np.random.Generator) -> None:
        self.gamma.fill(1)
        self.beta.fill(0)
        self.running_mean.fill(0)
        self.running_var.fill(1)

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        Y: Array = self.buffers.get("Y", X.shape)
        x, y = X.reshape(-1, self.features), Y.reshape(-1, self.features)
        if rng is None:
            scale = self.gamma / np.sqrt(self.running_var + self.epsilon)
            np.multiply(x, scale, out=y)
            np.add(y, self.beta - self.running_mean * scale, out=y)
            return Y
        m = len(x)
        x_hat: Array = self.buffers.get("x_hat", x.shape)
        ones = self.ones(m)
        mean = ones @ x / m
        np.subtract(x, mean, out=x_hat)
        np.multiply(x_hat, x_hat, out=y)
        variance = ones @ y / m
        self.inverse = 1 / np.sqrt(variance + self.epsilon)
        np.multiply(x_hat, self.inverse, out=x_hat)
        np.multiply(x_hat, self.gamma, out=y)
        np.add(y, self.beta, out=y)
        if m > 1:  # one number says nothing of a variance
            self.running_mean += self.momentum * (mean - self.running_mean)
            self.running_var += self.momentum * (variance * (m / (m - 1)) - self.running_var)
        self.x_hat = x_hat
        return Y

    def backward(self, dY: Array) -> Array:
        dX: Array = self.buffers.get("dX", dY.shape)
        dy, dx = dY.reshape(-1, self.features), dX.reshape(-1, self.features)
        m, ones = len(dy), self.ones(len(dy))
        d_beta = ones @ dy
        np.multiply(dy, self.x_hat, out=dx)
        d_gamma = ones @ dx
        np.multiply(self.x_hat, d_gamma / -m, out=dx)
        np.add(dx, dy, out=dx)
        np.subtract(dx, d_beta / m, out=dx)
        np.multiply(dx, self.gamma * self.inverse, out=dx)
        for gradient, now in ((self.d_gamma, d_gamma), (self.d_beta, d_beta)):
            gradient[...] = gradient + self.add * now if self.add else now
        return dX
