"""Gradients whose numbers are bounded."""

import numpy as np

from nn.options import option
from nn.training.regularization.base import Regularizer


class ClipValue(Regularizer):
    """g ← clip(g, −limit, limit)."""

    kind = "clip_value"
    place = 3
    strength: float | None = option(None, above=0, says="largest number of the gradient, either way")

    def __call__(self, network, learning_rate):
        np.clip(network.gradients, -self.strength, self.strength, out=network.gradients)
        return 0.0
