"""Lion: the sign of a running mean (Chen et al. 2023)."""

import numpy as np

from nn.optimizers.base import Optimizer
from nn.options import option


class Lion(Optimizer):
    """Steps of one size for every weight, along the sign of a running mean.

    θ ← θ − η sign(β₁ m + (1 − β₁) g), m ← β₂ m + (1 − β₂) g (Chen et al. 2023, algorithm 2).
    """

    kind = "lion"
    learning_rate: float = option(0.0003, above=0)
    beta1: float = option(0.9, below=1)
    beta2: float = option(0.99, below=1)
    moment_names = ("m",)

    def update(self, eta, theta, g, *moments):
        (m,) = moments
        theta -= eta * np.sign(self.beta1 * m + (1 - self.beta1) * g)
        m[...] = self.beta2 * m + (1 - self.beta2) * g
