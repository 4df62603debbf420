"""Adam, and AdamW, which is Adam with decoupled weight decay (docs/backpropagation.md, section 6)."""

from typing import ClassVar

import numpy as np

from nn import checks
from nn.arrays import Array
from nn.optimizers.base import Optimizer


class Adam(Optimizer):
    """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²; then, at step t, both corrected for their start at zero,

    m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ), θ ← θ − η m̂ / (√v̂ + ε) (Kingma & Ba 2015, algorithm 1).
    """

    kind = "adam"
    options: ClassVar[tuple[str, ...]] = ("learning_rate", "beta1", "beta2", "epsilon")
    moment_names = ("m", "v")

    def __init__(
        self, learning_rate: float = 0.001, *, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8
    ) -> None:
        super().__init__(learning_rate)
        self.beta1 = checks.real(beta1, "adam beta1", below=1.0)
        self.beta2 = checks.real(beta2, "adam beta2", below=1.0)
        self.epsilon = checks.real(epsilon, "adam epsilon", above=0.0)

    def update(self, eta: float, theta: Array, g: Array, *moments: Array) -> None:
        m, v = moments
        m[...] = self.beta1 * m + (1 - self.beta1) * g
        v[...] = self.beta2 * v + (1 - self.beta2) * g**2
        m_hat, v_hat = m / (1 - self.beta1**self.steps), v / (1 - self.beta2**self.steps)
        theta -= eta * m_hat / (np.sqrt(v_hat) + self.epsilon)


class AdamW(Adam):
    """Adam with decoupled weight decay λ: W ← W (1 − η λ) before the step (Loshchilov & Hutter 2019, algorithm 2).

    The decay itself is done where all decoupled decay is, in `nn.training.regularization`.
    """

    kind = "adamw"
    options = (*Adam.options, "weight_decay")

    def __init__(self, learning_rate: float = 0.001, *, beta1: float = 0.9, beta2: float = 0.999,
                 epsilon: float = 1e-8, weight_decay: float = 0.01) -> None:  # fmt: skip
        super().__init__(learning_rate, beta1=beta1, beta2=beta2, epsilon=epsilon)
        self.weight_decay = checks.real(weight_decay, "adamw weight_decay")
