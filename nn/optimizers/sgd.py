"""Stochastic gradient descent, plain and with momentum (docs/backpropagation.md, section 6)."""

from nn.arrays import Array
from nn.optimizers.base import Optimizer
from nn.options import option


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum or without.

    Plain: θ ← θ − η g. With momentum μ: v ← μ v + g, θ ← θ − η v (Polyak 1964).

    With Nesterov's look-ahead: θ ← θ − η (g + μ v) (Sutskever et al. 2013, in PyTorch's form).
    """

    kind = "sgd"
    learning_rate: float = option(0.1, above=0)
    momentum: float = option(0.0, below=1, in_a_job={"default": 0.9})
    nesterov: bool = option(False, needs="momentum")

    def prepare(self) -> None:
        super().prepare()
        self.moment_names = ("velocity",) if self.momentum else ()

    def update(self, eta: float, theta: Array, g: Array, *moments: Array) -> None:
        if not self.momentum:
            theta -= eta * g
            return
        (v,) = moments
        v[...] = self.momentum * v + g
        theta -= eta * (g + self.momentum * v if self.nesterov else v)
