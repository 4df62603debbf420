"""One training step: forward, loss, backward, and θ ← θ − η · (…)."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from nn.arrays import AnyArray, Array, aligned
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

    def __call__(self, X: Array, targets: AnyArray, first_step: int) -> tuple[float, int]:
        """Train on X: (n ≤ rows, …); the sum of the rows' losses, and how many rows were already right.

        `first_step` counts from 0 within the epoch: what the learning rate depends on.
        """


class BatchSteps:
    """One step of the optimizer for each batch; the textbook's loop, with nothing allocated in it."""

    steps_a_call = 1

    def __init__(self, network: Network, loss: Loss, optimizer: Optimizer, regularization: Regularization,
                 batch_size: int, rate: Callable[[int], float], rng: np.random.Generator) -> None:  # fmt: skip
        self.network, self.loss, self.optimizer = network, loss, optimizer
        self.regularization = regularization
        self.rows, self.rate, self.rng = batch_size, rate, rng
        self.dZ: Array = aligned((batch_size, *network.output_shape), network.dtype)

    def __call__(self, X: Array, targets: AnyArray, first_step: int) -> tuple[float, int]:
        network, n = self.network, len(X)
        rate = self.rate(first_step)
        Z = network.forward(X, self.rng)
        dZ = self.dZ if n == self.rows else self.dZ[:n]
        loss = self.loss(Z, targets, dZ)
        network.backward(dZ, self.optimizer.weight)
        loss += self.regularization.add(network, rate)
        self.optimizer.step(rate)
        return loss * n, self.loss.right
