"""What keeps weights small and steps short: decoupled weight decay, L1 and L2 penalties, clipping by norm."""

import math

import numpy as np

from nn import checks
from nn.arrays import Array
from nn.errors import SpecError
from nn.network import Network
from nn.optimizers import Optimizer


class Regularization:
    """Acts between the gradient and the optimizer's step. W are the weights alone, without biases.

    The penalty l1 Σ|W| + (l2/2) Σ W² joins the loss, and l1 sign(W) + l2 W the gradient. Clipping then scales g down to
    ‖g‖ = `clip_norm` where it is longer (Pascanu et al. 2013, algorithm 1). Weight decay is decoupled from the
    gradient: W ← W (1 − η λ) (Loshchilov & Hutter 2019, algorithm 2).
    """

    def __init__(self, *, weight_decay: float = 0.0, l1: float = 0.0, l2: float = 0.0,
                 clip_norm: float | None = None) -> None:  # fmt: skip
        self.weight_decay = checks.real(weight_decay, "weight_decay")
        self.l1 = checks.real(l1, "l1")
        self.l2 = checks.real(l2, "l2")
        self.clip_norm = None if clip_norm is None else checks.real(clip_norm, "clip_norm", above=0.0)
        self.changes_gradient = bool(self.l1 or self.l2 or self.clip_norm)
        self.active = self.changes_gradient or bool(self.weight_decay)
        self._scratch: Array | None = None

    def add_decay_of(self, optimizer: Optimizer) -> None:
        """Take over the weight decay that AdamW brings itself; SpecError when it is given in both places."""
        if optimizer.weight_decay and self.weight_decay:
            raise SpecError(
                f"weight_decay: expected it once, got {self.weight_decay:g} for the training and "
                f"{optimizer.weight_decay:g} for {optimizer.kind}"
            )
        self.weight_decay = self.weight_decay or optimizer.weight_decay
        self.active = self.active or bool(self.weight_decay)

    def add(self, network: Network, learning_rate: float) -> float:
        """Change the network's gradients, decay its weights, and return the penalty."""
        if not self.active:
            return 0.0
        penalty = 0.0
        W, g = network.parameters[network.decayed], network.gradients[network.decayed]
        if self.l1 or self.l2:
            if self._scratch is None:
                self._scratch = np.empty_like(W)
            scratch = self._scratch
            if self.l1:
                penalty += self.l1 * float(np.sum(np.abs(W, out=scratch)))
                np.sign(W, out=scratch)
                np.multiply(scratch, self.l1, out=scratch)
                np.add(g, scratch, out=g)
            if self.l2:
                penalty += self.l2 / 2 * float(np.vdot(W, W))
                np.multiply(W, self.l2, out=scratch)
                np.add(g, scratch, out=g)
        if self.clip_norm is not None:
            with np.errstate(over="ignore"):
                norm = math.sqrt(float(np.vdot(network.gradients, network.gradients)))
            if math.isinf(norm):  # its square is none of float32's numbers; the gradient itself may well be
                norm = float(np.linalg.norm(network.gradients.astype(np.float64)))
            if norm > self.clip_norm:
                np.multiply(network.gradients, self.clip_norm / norm, out=network.gradients)
        if self.weight_decay:
            np.multiply(W, 1 - learning_rate * self.weight_decay, out=W)
        return penalty
