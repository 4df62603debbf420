"""RMSprop: AdaGrad that forgets."""

import numpy as np

from nn import checks
from nn.arrays import Array
from nn.optimizers.base import Optimizer


class RMSprop(Optimizer):
    """G ← ρ G + (1 − ρ) g², θ ← θ − η g / (√G + ε) (Tieleman & Hinton 2012, lecture 6e)."""

    kind = "rmsprop"
    options = ("learning_rate", "rho", "epsilon")
    moment_names = ("squares",)

    def __init__(self, learning_rate: float = 0.001, *, rho: float = 0.99, epsilon: float = 1e-8) -> None:
        super().__init__(learning_rate)
        self.rho = checks.real(rho, "rmsprop rho", below=1.0)
        self.epsilon = checks.real(epsilon, "rmsprop epsilon", above=0.0)

    def update(self, eta: float, theta: Array, g: Array, *moments: Array) -> None:
        (G,) = moments
        G[...] = self.rho * G + (1 - self.rho) * g**2
        theta -= eta * g / (np.sqrt(G) + self.epsilon)
