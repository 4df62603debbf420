"""Optimizers: how a gradient becomes a step. All of them work on the flat vectors, a few whole-vector operations each.

θ are the parameters, g the gradients, η the learning rate. `step` uses g as scratch: it is spent afterwards. A new
optimizer is one class and one row of `OPTIMIZERS`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from nn import checks
from nn.arrays import Array
from nn.errors import SpecError

FLUSH_EVERY = 64
FLUSH_BELOW = 1e-25


class Optimizer(ABC):
    """θ ← θ − η · (something made of g and of what is remembered in `moments`).

    `moments` maps names to vectors of θ's length, zero at first; `steps` counts. Both belong to a checkpoint.
    """

    kind: ClassVar[str]
    options: ClassVar[tuple[str, ...]] = ("learning_rate",)
    weight_decay = 0.0
    """The decoupled weight decay that the optimizer brings itself: only AdamW has one."""

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = checks.real(learning_rate, "learning_rate", above=0.0)
        self.moments: dict[str, Array] = {}
        self.steps = 0

    def moment_names(self) -> tuple[str, ...]:
        """The names of the vectors that this optimizer remembers."""
        return ()

    def start(self, parameters: Array) -> None:
        """Forget everything and fit the moments to `parameters`: (n,)."""
        self.moments = {name: np.zeros_like(parameters) for name in self.moment_names()}
        self.scratch = np.empty_like(parameters)
        self.steps = 0

    def step(self, parameters: Array, gradients: Array, learning_rate: float) -> None:
        """One step on θ: (n,) with g: (n,) at the rate η that the schedule gives; g is spent."""
        self.steps += 1
        if self.steps % FLUSH_EVERY == 0:
            self._flush()
        self.update(parameters, gradients, learning_rate)

    @abstractmethod
    def update(self, theta: Array, g: Array, eta: float) -> None:
        """The formula."""

    def _flush(self) -> None:
        """Zero what has decayed to almost nothing: arithmetic on denormal numbers is thirty times slower."""
        for moment in self.moments.values():
            np.abs(moment, out=self.scratch)
            moment *= self.scratch > FLUSH_BELOW

    def config(self) -> dict[str, Any]:
        """What `optimizer_from` rebuilds this optimizer from; JSON-able."""
        return {"name": self.kind} | {name: getattr(self, name) for name in self.options}


class SGD(Optimizer):
    """θ ← θ − η g; with momentum μ: v ← μ v + g, θ ← θ − η v (Polyak 1964), or with Nesterov's look-ahead
    θ ← θ − η (g + μ v) (Sutskever et al. 2013, in PyTorch's form).
    """

    kind = "sgd"
    options = ("learning_rate", "momentum", "nesterov")

    def __init__(self, learning_rate: float = 0.1, *, momentum: float = 0.0, nesterov: bool = False) -> None:
        super().__init__(learning_rate)
        self.momentum = checks.real(momentum, "momentum", below=1.0)
        self.nesterov = checks.flag(nesterov, "nesterov")
        if nesterov and momentum == 0:
            raise SpecError("nesterov: expected a momentum above 0 with it, got 0")

    def moment_names(self) -> tuple[str, ...]:
        return ("velocity",) if self.momentum else ()

    def update(self, theta: Array, g: Array, eta: float) -> None:
        if self.momentum:
            v = self.moments["velocity"]
            np.multiply(v, self.momentum, out=v)
            np.add(v, g, out=v)
            if self.nesterov:
                np.multiply(v, self.momentum, out=self.scratch)
                np.add(g, self.scratch, out=g)
            else:
                g = np.multiply(v, eta, out=g)
                np.subtract(theta, g, out=theta)
                return
        np.multiply(g, eta, out=g)
        np.subtract(theta, g, out=theta)


OPTIMIZERS: dict[str, type[Optimizer]] = {"sgd": SGD}


def optimizer_from(config: Optimizer | Mapping[str, Any]) -> Optimizer:
    """An optimizer from {"name": "sgd", "learning_rate": 0.1, …}; SpecError."""
    if isinstance(config, Optimizer):
        return config
    options = dict(config)
    name = options.pop("name", None)
    optimizer = checks.lookup(OPTIMIZERS, name, "optimizer")
    checks.known_keys(options, optimizer.options, str(name))
    return optimizer(**options)
