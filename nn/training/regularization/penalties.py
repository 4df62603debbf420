"""Penalties on large weights: L1 and L2."""

import numpy as np

from nn.network import Network
from nn.options import option
from nn.training.regularization.base import Regularizer


class L1(Regularizer):
    """λ Σ|W| joins the loss, λ sign(W) the gradient."""

    kind = "l1"
    place = 1
    strength: float = option(0.0, says="penalty on the absolute values of the weights")

    def __call__(self, network: Network, learning_rate: float) -> float:
        W, g = network.parameters[network.decayed], network.gradients[network.decayed]
        g += self.strength * np.sign(W)
        return self.strength * float(np.abs(W).sum())


class L2(Regularizer):
    """(λ/2) Σ W² joins the loss, λ W the gradient."""

    kind = "l2"
    place = 2
    strength: float = option(0.0, says="penalty on the squares of the weights, halved")

    def __call__(self, network: Network, learning_rate: float) -> float:
        W, g = network.parameters[network.decayed], network.gradients[network.decayed]
        g += self.strength * W
        return self.strength / 2 * float(np.vdot(W, W))
