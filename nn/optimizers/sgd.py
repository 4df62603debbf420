"""Stochastic gradient descent, plain and with momentum (docs/backpropagation.md, section 6)."""

from nn import checks
from nn.arrays import Array
from nn.errors import SpecError
from nn.optimizers.base import Optimizer


class SGD(Optimizer):
    """Plain: θ ← θ − η g. With momentum μ: v ← μ v + g, θ ← θ − η v (Polyak 1964).

    With Nesterov's look-ahead: θ ← θ − η (g + μ v) (Sutskever et al. 2013, in PyTorch's form).
    """

    kind = "sgd"
    options = ("learning_rate", "momentum", "nesterov")

    def __init__(self, learning_rate: float = 0.1, *, momentum: float = 0.0, nesterov: bool = False) -> None:
        super().__init__(learning_rate)
        self.momentum = checks.real(momentum, "momentum", below=1.0)
        self.nesterov = checks.flag(nesterov, "nesterov")
        if nesterov and momentum == 0:
            raise SpecError("nesterov: expected a momentum above 0 with it, got 0")
        self.moment_names = ("velocity",) if momentum else ()

    def update(self, eta: float, theta: Array, g: Array, *moments: Array) -> None:
        if not self.momentum:
            theta -= eta * g
            return
        (v,) = moments
        v[...] = self.momentum * v + g
        theta -= eta * (g + self.momentum * v if self.nesterov else v)
