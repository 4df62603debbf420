"""One training step: forward, loss, backward, and θ ← θ − η · (…)."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from nn.arrays import AnyArray, Array
from nn.losses import Loss
from nn.network import Network
from nn.optimizers import Optimizer
from nn.training.regularization import Regularization


class Stepper(Protocol):
    """Takes training rows and moves the parameters."""

    rows: int
    """How many rows it wants at once."""
    steps_a_call: int
    """How many steps of the optimizer it makes of them."""

    @property
    def optimizer(self) -> Optimizer:
        """Whose state belongs to a checkpoint."""

    def __call__(self, X: Array, targets: AnyArray, first_step: int) -> tuple[float, int]:
        """Train on X: (n ≤ rows, …); the sum of the rows' losses, and how many rows were already right.

        `first_step` counts from 0 within the epoch: what the learning rate depends on.
        """


class BatchSteps:
    """One step of the optimizer for each batch: the textbook's loop."""

    steps_a_call = 1

    def __init__(
        self,
        network: Network,
        loss: Loss,
        optimizer: Optimizer,
        regularization: Regularization,
        batch_size: int,
        rate: Callable[[int], float],
        rng: np.random.Generator,
    ) -> None:
        self.network, self.loss, self.optimizer, self.regularization = network, loss, optimizer, regularization
        self.rows, self.rate, self.rng = batch_size, rate, rng

    def __call__(self, X: Array, targets: AnyArray, first_step: int) -> tuple[float, int]:
        rate = self.rate(first_step)
        Z = self.network.forward(X, self.rng)
        loss, dZ = self.loss(Z, targets)
        self.network.backward(dZ)
        loss += self.regularization.add(self.network, rate)
        self.optimizer.step(rate)
        return loss * len(X), self.loss.right
