"""Optimizers in chunks: all of a formula's operations pass over a chunk while it is in the cache.

docs/backpropagation.md, section 7, has the algebra. Two cores share the chunks (`nn.kernels.chunks`): for large
networks each of the two nearly halves the time of a step.
"""

import math
from abc import abstractmethod
from functools import partial
from typing import Final

import numpy as np

from nn.arrays import Array, aligned
from nn.kernels.blas import add_scaled
from nn.kernels.chunks import Chunks
from nn.kernels.registry import Kernel, kernel_for
from nn.optimizers import AdaGrad, Adam, AdamW, Optimizer, RMSprop

FLUSH_EVERY: Final = 64
"""Steps between two flushes of the moments."""
FLUSH_BELOW: Final = 1e-25
"""Smaller numbers become 0 then."""


class OptimizerKernel(Kernel, Optimizer):
    """A formula that is written for a chunk, and allocates nothing."""

    def start(self, parameters: Array, gradients: Array) -> None:
        self.moments = {name: aligned(parameters.shape, parameters.dtype) for name in self.moment_names}
        self.steps = 0
        self.vectors = Chunks(parameters, gradients, *self.moments.values())

    def step(self, learning_rate: float) -> None:
        self.steps += 1
        if self.steps % FLUSH_EVERY == 0:
            self.vectors.each(_flush_moments)
        self.vectors.each(partial(self.update_chunk, learning_rate))

    @abstractmethod
    def update_chunk(self, eta: float, s: Array, theta: Array, g: Array, *moments: Array) -> None:
        """The formula, on a chunk; s is scratch of the same length."""


def _flush_moments(scratch: Array, _theta: Array, _g: Array, *moments: Array) -> None:
    for moment in moments:
        flush(moment, scratch)


def flush(moment: Array, scratch: Array) -> None:
    """Zero what has decayed to almost nothing: arithmetic on denormal numbers is thirty times slower."""
    np.abs(moment, out=scratch)
    np.greater(scratch, FLUSH_BELOW, out=scratch)
    np.multiply(moment, scratch, out=moment)


def divided_step(eta: float, m: Array, G: Array, epsilon: float, theta: Array, s: Array) -> None:
    """θ ← θ − η m / (√G + ε); s is scratch."""
    np.sqrt(G, out=s)
    np.add(s, epsilon, out=s)
    np.divide(m, s, out=s)
    add_scaled(-eta, s, theta, s)


@kernel_for(AdaGrad)
class AdaGradKernel(OptimizerKernel, AdaGrad):
    """The formula as it stands."""

    def update_chunk(self, eta: float, s: Array, theta: Array, g: Array, *moments: Array) -> None:
        (G,) = moments
        np.multiply(g, g, out=s)
        np.add(G, s, out=G)
        divided_step(eta, g, G, self.epsilon, theta, s)


@kernel_for(RMSprop)
class RMSpropKernel(OptimizerKernel, RMSprop):
    """The formula as it stands."""

    def update_chunk(self, eta: float, s: Array, theta: Array, g: Array, *moments: Array) -> None:
        (G,) = moments
        np.multiply(g, g, out=s)
        add_scaled(1 - self.rho, s, G, s, keep=self.rho)
        divided_step(eta, g, G, self.epsilon, theta, s)


@kernel_for(Adam)
class AdamKernel(OptimizerKernel, Adam):
    """Kept are the sums M = m / (1 − β₁) and V = v / (1 − β₂): M ← β₁ M + g, V ← β₂ V + g².

    With a = (1 − β₁) / (1 − β₁ᵗ) and b = √((1 − β₂) / (1 − β₂ᵗ)) the step is θ ← θ − η a/b · M / (√V + ε/b). No factor
    costs a pass of its own.
    """

    moment_names = ("sum", "sum_of_squares")

    def update_chunk(self, eta: float, s: Array, theta: Array, g: Array, *moments: Array) -> None:
        M, V = moments
        a = (1 - self.beta1) / (1 - self.beta1**self.steps)
        b = math.sqrt((1 - self.beta2) / (1 - self.beta2**self.steps))
        add_scaled(1.0, g, M, s, keep=self.beta1)
        np.multiply(g, g, out=s)
        add_scaled(1.0, s, V, s, keep=self.beta2)
        divided_step(eta * a / b, M, V, self.epsilon / b, theta, s)


@kernel_for(AdamW)
class AdamWKernel(AdamKernel, AdamW):
    """Adam's; the decay is done elsewhere."""
