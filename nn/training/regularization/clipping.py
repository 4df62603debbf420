"""Gradients no longer than a limit."""

import math

import numpy as np

from nn.network import Network
from nn.options import option
from nn.training.regularization.base import Regularizer


class ClipNorm(Regularizer):
    """g ← g · limit/‖g‖ where ‖g‖ > limit (Pascanu et al. 2013, algorithm 1)."""

    kind = "clip_norm"
    place = 3
    strength: float | None = option(None, above=0, says="longest gradient; a longer one is shortened to it")

    def __call__(self, network: Network, learning_rate: float) -> float:
        assert self.strength is not None, "what is off is not called"  # noqa: S101  # for the types
        g = network.gradients
        with np.errstate(over="ignore"):
            norm = math.sqrt(float(np.vdot(g, g)))
        if math.isinf(norm):  # the squares overflow float32; the gradient itself need not
            norm = float(np.linalg.norm(g.astype(np.float64)))
        if norm > self.strength:
            np.multiply(g, self.strength / norm, out=g)
        return 0.0
