"""RMSprop: AdaGrad that forgets."""

import numpy as np

from nn.arrays import Array
from nn.optimizers.base import Optimizer
from nn.options import option


class RMSprop(Optimizer):
    """Each weight's rate follows a running mean of its squared gradients.

    G ← ρ G + (1 − ρ) g², θ ← θ − η g / (√G + ε) (Tieleman & Hinton 2012, lecture 6e).
    """

    kind = "rmsprop"
    learning_rate: float = option(0.001, above=0)
    rho: float = option(0.99, below=1)
    epsilon: float = option(1e-8, above=0)
    moment_names = ("squares",)

    def update(self, eta: float, theta: Array, g: Array, *moments: Array) -> None:
        (G,) = moments
        G[...] = self.rho * G + (1 - self.rho) * g**2
        theta -= eta * g / (np.sqrt(G) + self.epsilon)
