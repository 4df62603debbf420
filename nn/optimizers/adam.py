"""Adam, and AdamW, which is Adam with decoupled weight decay (docs/backpropagation.md, section 6)."""

import numpy as np

from nn.arrays import Array
from nn.optimizers.base import Optimizer
from nn.options import option


class Adam(Optimizer):
    """Running means of the gradients and of their squares, both corrected for their start at zero.

    m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²; then, at step t,

    m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ), θ ← θ − η m̂ / (√v̂ + ε) (Kingma & Ba 2015, algorithm 1).
    """

    kind = "adam"
    learning_rate: float = option(0.001, above=0)
    beta1: float = option(0.9, below=1)
    beta2: float = option(0.999, below=1)
    epsilon: float = option(1e-8, above=0)
    moment_names = ("m", "v")

    def update(self, eta: float, theta: Array, g: Array, *moments: Array) -> None:
        m, v = moments
        m[...] = self.beta1 * m + (1 - self.beta1) * g
        v[...] = self.beta2 * v + (1 - self.beta2) * g**2
        m_hat, v_hat = m / (1 - self.beta1**self.steps), v / (1 - self.beta2**self.steps)
        theta -= eta * m_hat / (np.sqrt(v_hat) + self.epsilon)


class AdamW(Adam):
    """Adam with weight decay beside the gradient, not inside it.

    Adam with decoupled weight decay λ: W ← W (1 − η λ) before the step (Loshchilov & Hutter 2019, algorithm 2).

    The decay itself is done where all decoupled decay is, in `nn.training.regularization`.
    """

    kind = "adamw"
    weight_decay: float = option(0.01)
