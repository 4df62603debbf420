"""Weight decay that is decoupled from the gradient."""

import numpy as np

from nn.network import Network
from nn.options import option
from nn.training.regularization.base import Regularizer


class WeightDecay(Regularizer):
    """W ← W (1 − η λ) (Loshchilov & Hutter 2019, algorithm 2)."""

    kind = "weight_decay"
    place = 4
    changes_gradient = False
    strength: float = option(0.0, says="decoupled: each step takes this share of its rate off")

    def __call__(self, network: Network, learning_rate: float) -> float:
        W = network.parameters[network.decayed]
        np.multiply(W, 1 - learning_rate * self.strength, out=W)
        return 0.0
