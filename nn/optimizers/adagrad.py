"""AdaGrad: each parameter has a rate of its own, smaller the more it has moved."""

import numpy as np

from nn.arrays import Array
from nn.optimizers.base import Optimizer
from nn.options import option


class AdaGrad(Optimizer):
    """Each weight's rate falls with the squares of all its gradients.

    G ← G + g², θ ← θ − η g / (√G + ε): rare features keep a high rate (Duchi et al. 2011).
    """

    kind = "adagrad"
    learning_rate: float = option(0.01, above=0)
    epsilon: float = option(1e-10, above=0)
    moment_names = ("squares",)

    def update(self, eta: float, theta: Array, g: Array, *moments: Array) -> None:
        (G,) = moments
        G += g**2
        theta -= eta * g / (np.sqrt(G) + self.epsilon)
