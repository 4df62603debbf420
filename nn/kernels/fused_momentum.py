"""Momentum without a velocity: backpropagation adds its gradients onto those of the steps before.

v = Σᵢ μᵗ⁻ⁱ gᵢ is a sum in which each step makes the old gradients smaller. To make each new one larger instead comes to
the same: with u = v / μᵗ

    u ← u + μ⁻ᵗ g        θ ← θ − η μᵗ u

and no pass over the old gradients is needed. Backpropagation works g out in products, which BLAS can add to an array
(`nn.kernels.blas`): they go straight into u, the network's vector of gradients. Before μ⁻ᵗ exceeds a thousand u becomes
v, and t begins at 1 again (docs/backpropagation.md, section 7). Where a penalty, clipping or Nesterov's look-ahead
needs g by itself, g and v are two vectors.
"""

import math
from typing import Final

import numpy as np

from nn.arrays import AnyArray, Array, aligned
from nn.kernels.adaptive import FLUSH_EVERY, flush
from nn.kernels.blas import add_on_all_threads
from nn.kernels.registry import AccumulatingKernel, Kernel
from nn.optimizers import SGD
from nn.training.steps import BatchSteps

MAX_SCALE: Final = 1e3
"""The largest scale of a gradient in the sum: before it would be larger, u becomes v."""


class FusedMomentum(Kernel, SGD):
    """The optimizer's half: θ ← θ − η μᵗ u. Its one moment, `sum`, is u, the network's gradients."""

    def start(self, parameters: Array, gradients: Array) -> None:
        self.theta, self.u, self.scratch = parameters, gradients, aligned(parameters.shape, parameters.dtype)
        gradients.fill(0)
        self.moments, self.steps = {"sum": gradients}, 0
        self.period = max(1, min(FLUSH_EVERY, int(math.log(MAX_SCALE) / -math.log(self.momentum))))

    @property
    def scale(self) -> float:
        """What the next gradient is multiplied by as it is added to u: μ⁻ᵗ."""
        return self.momentum**-self._t

    @property
    def _t(self) -> int:
        """The number of the next step, counted from 1 since u was last v."""
        return self.steps % self.period + 1

    def step(self, learning_rate: float) -> None:
        t = self._t
        self.steps += 1
        add_on_all_threads(-learning_rate * self.momentum**t, self.u, self.theta, self.scratch)
        if t == self.period:
            np.multiply(self.u, self.momentum**t, out=self.u)
            flush(self.u, self.scratch)


class FusedMomentumSteps(BatchSteps):
    """The layers' half: u ← u + μ⁻ᵗ g, in the products of backpropagation."""

    optimizer: FusedMomentum

    @staticmethod
    def fits(steps: BatchSteps) -> bool:
        """Whether nothing comes between a gradient and the step, and every layer can accumulate."""
        optimizer = steps.optimizer
        return (
            type(optimizer) is SGD
            and optimizer.momentum > 1 / MAX_SCALE
            and not optimizer.nesterov
            and not steps.regularization.changes_gradient
            and all(isinstance(layer, AccumulatingKernel) for layer in steps.network.layers if layer.parameters)
        )

    def __init__(self, steps: BatchSteps) -> None:
        vars(self).update(vars(steps))
        self.optimizer = FusedMomentum(steps.optimizer)
        self.layers = [layer for layer in self.network.layers if isinstance(layer, AccumulatingKernel)]

    def __call__(self, X: Array, targets: AnyArray, first_step: int) -> tuple[float, int]:
        scale = self.optimizer.scale
        for layer in self.layers:
            layer.scale = scale
        try:
            return super().__call__(X, targets, first_step)
        finally:
            for layer in self.layers:
                layer.scale = 0.0
