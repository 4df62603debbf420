"""AdaGrad: each parameter has a rate of its own, smaller the more it has moved."""

import numpy as np

from nn import checks
from nn.arrays import Array
from nn.optimizers.base import Optimizer


class AdaGrad(Optimizer):
    """G ← G + g², θ ← θ − η g / (√G + ε): rare features keep a high rate (Duchi et al. 2011)."""

    kind = "adagrad"
    options = ("learning_rate", "epsilon")
    moment_names = ("squares",)

    def __init__(self, learning_rate: float = 0.01, *, epsilon: float = 1e-10) -> None:
        super().__init__(learning_rate)
        self.epsilon = checks.real(epsilon, "adagrad epsilon", above=0.0)

    def update(self, eta: float, theta: Array, g: Array, *moments: Array) -> None:
        (G,) = moments
        G += g**2
        theta -= eta * g / (np.sqrt(G) + self.epsilon)
