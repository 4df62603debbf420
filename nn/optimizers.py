"""Optimizers: how a gradient becomes a step. All of them work on the flat vectors, a few operations each.

θ are the parameters, g their gradients, η the learning rate. Every formula here is element by element, so the vectors
are taken in pieces that stay in the cache while all of the formula's operations pass over them, and two cores share the
pieces (`nn.pieces`): for large networks each of the two nearly halves the time of a step. docs/backpropagation.md,
section 6, has the formulas side by side. A new optimizer is one class and one row of `OPTIMIZERS`.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

import numpy as np

from nn import checks
from nn.arrays import Array, aligned
from nn.blas import add_on_all_threads, add_scaled
from nn.errors import SpecError
from nn.pieces import Pieces

FLUSH_EVERY = 64
FLUSH_BELOW = 1e-25
HEAVIEST = 1e3
"""What a gradient may weigh at most, in a sum where each weighs more than the one before."""


class Optimizer(ABC):
    """θ ← θ − η · (something made of g and of what is remembered in `moments`).

    `moments` maps names to vectors of θ's length, zero at first; `steps` counts. Both belong to a checkpoint.
    """

    kind: ClassVar[str]
    options: ClassVar[tuple[str, ...]] = ("learning_rate",)
    moment_names: tuple[str, ...] = ()
    """The names of the vectors that it remembers, in the order in which `update` takes them."""
    weight_decay = 0.0
    """The decoupled weight decay that an optimizer brings itself: only AdamW has one."""

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = checks.real(learning_rate, "learning_rate", above=0.0)
        self.moments: dict[str, Array] = {}
        self.steps = 0

    @property
    def weight(self) -> float:
        """What the next gradient weighs in the sum that g is; 0 where it is to be written over the last one."""
        return 0.0

    def start(self, parameters: Array, gradients: Array, *, untouched: bool = False) -> None:
        """Forget everything, and take the vectors to work on: θ and g, both (n,).

        untouched: nobody reads or changes g between backpropagation and the step, so it may be kept as a sum.
        """
        self.moments = {name: aligned(parameters.shape, parameters.dtype) for name in self.moment_names}
        self.steps = 0
        self.vectors = Pieces(parameters, gradients, *self.moments.values())

    def step(self, learning_rate: float) -> None:
        """One step on θ along g, at the rate η that the schedule gives; g is left as it is."""
        self.steps += 1
        if self.steps % FLUSH_EVERY == 0:
            self.vectors.each(_flush_moments)
        self.vectors.each(partial(self.update, learning_rate))

    @abstractmethod
    def update(self, eta: float, s: Array, theta: Array, g: Array, *moments: Array) -> None:
        """The formula, on a piece; s is scratch of the same length."""

    def config(self) -> dict[str, Any]:
        """What `optimizer_from` rebuilds this optimizer from; JSON-able."""
        return {"name": self.kind} | {name: getattr(self, name) for name in self.options}


def _flush_moments(scratch: Array, _theta: Array, _g: Array, *moments: Array) -> None:
    for moment in moments:
        _flush(moment, scratch)


def _flush(moment: Array, scratch: Array) -> None:
    """Zero what has decayed to almost nothing: arithmetic on denormal numbers is thirty times slower."""
    np.abs(moment, out=scratch)
    np.greater(scratch, FLUSH_BELOW, out=scratch)
    np.multiply(moment, scratch, out=moment)


class SGD(Optimizer):
    """Plain: θ ← θ − η g. With momentum μ: v ← μ v + g, θ ← θ − η v (Polyak 1964).

    With Nesterov's look-ahead: θ ← θ − η (g + μ v) (Sutskever et al. 2013, in PyTorch's form).

    v is a sum in which old gradients fade, v = Σᵢ μᵗ⁻ⁱ gᵢ. One can as well let new ones weigh more: with u = v / μᵗ,

        u ← u + μ⁻ᵗ g        θ ← θ − η μᵗ u

    and what is in the sum never changes. So where nothing comes between g and the step, `gradients` are u: the products
    of backpropagation add to it, and that is all. Before μ⁻ᵗ grows large u becomes v, and t begins anew.
    """

    kind = "sgd"
    options = ("learning_rate", "momentum", "nesterov")

    def __init__(self, learning_rate: float = 0.1, *, momentum: float = 0.0, nesterov: bool = False) -> None:
        super().__init__(learning_rate)
        self.momentum = checks.real(momentum, "momentum", below=1.0)
        self.nesterov = checks.flag(nesterov, "nesterov")
        if nesterov and momentum == 0:
            raise SpecError("nesterov: expected a momentum above 0 with it, got 0")
        self.summed = False

    def start(self, parameters: Array, gradients: Array, *, untouched: bool = False) -> None:
        self.summed = untouched and self.momentum > 1 / HEAVIEST and not self.nesterov
        self.moment_names = ("velocity",) if self.momentum and not self.summed else ()
        super().start(parameters, gradients)
        if not self.moment_names:
            self.theta, self.g, self.scratch = parameters, gradients, aligned(parameters.shape, parameters.dtype)
        if self.summed:
            gradients.fill(0)
            self.moments = {"sum": gradients}
            self.turn = max(1, min(FLUSH_EVERY, int(math.log(HEAVIEST) / -math.log(self.momentum))))

    @property
    def weight(self) -> float:
        return self.momentum**-self._t if self.summed else 0.0

    @property
    def _t(self) -> int:
        """The number of the step that comes, counted from 1 since u was last v; 0 where g is no sum."""
        return self.steps % self.turn + 1 if self.summed else 0

    def step(self, learning_rate: float) -> None:
        if self.moment_names:
            super().step(learning_rate)
            return
        t = self._t
        self.steps += 1
        add_on_all_threads(-learning_rate * self.momentum**t, self.g, self.theta, self.scratch)
        if self.summed and t == self.turn:
            np.multiply(self.g, self.momentum**t, out=self.g)
            _flush(self.g, self.scratch)

    def update(self, eta: float, s: Array, theta: Array, g: Array, *moments: Array) -> None:
        (v,) = moments
        add_scaled(1.0, g, v, s, keep=self.momentum)
        if self.nesterov:
            add_scaled(-eta, g, theta, s)
            add_scaled(-eta * self.momentum, v, theta, s)
        else:
            add_scaled(-eta, v, theta, s)


class AdaGrad(Optimizer):
    """G ← G + g², θ ← θ − η g / (√G + ε): rare features keep a high rate (Duchi et al. 2011)."""

    kind = "adagrad"
    options = ("learning_rate", "epsilon")
    moment_names = ("squares",)

    def __init__(self, learning_rate: float = 0.01, *, epsilon: float = 1e-10) -> None:
        super().__init__(learning_rate)
        self.epsilon = checks.real(epsilon, "adagrad epsilon", above=0.0)

    def update(self, eta: float, s: Array, theta: Array, g: Array, *moments: Array) -> None:
        (G,) = moments
        np.multiply(g, g, out=s)
        np.add(G, s, out=G)
        np.sqrt(G, out=s)
        np.add(s, self.epsilon, out=s)
        np.divide(g, s, out=s)
        add_scaled(-eta, s, theta, s)


class RMSprop(Optimizer):
    """G ← ρ G + (1 − ρ) g², θ ← θ − η g / (√G + ε) (Tieleman & Hinton 2012, lecture 6e)."""

    kind = "rmsprop"
    options = ("learning_rate", "rho", "epsilon")
    moment_names = ("squares",)

    def __init__(self, learning_rate: float = 0.001, *, rho: float = 0.99, epsilon: float = 1e-8) -> None:
        super().__init__(learning_rate)
        self.rho = checks.real(rho, "rmsprop rho", below=1.0)
        self.epsilon = checks.real(epsilon, "rmsprop epsilon", above=0.0)

    def update(self, eta: float, s: Array, theta: Array, g: Array, *moments: Array) -> None:
        (G,) = moments
        np.multiply(g, g, out=s)
        add_scaled(1 - self.rho, s, G, s, keep=self.rho)
        np.sqrt(G, out=s)
        np.add(s, self.epsilon, out=s)
        np.divide(g, s, out=s)
        add_scaled(-eta, s, theta, s)


class Adam(Optimizer):
    """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²; then, at step t, both corrected for their start at zero,

    θ ← θ − η · m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε) (Kingma & Ba 2015, algorithm 1).

    Kept are the sums M = m / (1 − β₁) and V = v / (1 − β₂): M ← β₁ M + g, V ← β₂ V + g². With a = (1 − β₁) / (1 − β₁ᵗ)
    and b = √((1 − β₂) / (1 − β₂ᵗ)) the step is θ ← θ − η a/b · M / (√V + ε/b). No factor costs a pass of its own.
    """

    kind = "adam"
    options: ClassVar[tuple[str, ...]] = ("learning_rate", "beta1", "beta2", "epsilon")
    moment_names = ("sum", "sum_of_squares")

    def __init__(
        self, learning_rate: float = 0.001, *, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8
    ) -> None:
        super().__init__(learning_rate)
        self.beta1 = checks.real(beta1, "adam beta1", below=1.0)
        self.beta2 = checks.real(beta2, "adam beta2", below=1.0)
        self.epsilon = checks.real(epsilon, "adam epsilon", above=0.0)

    def update(self, eta: float, s: Array, theta: Array, g: Array, *moments: Array) -> None:
        M, V = moments
        a = (1 - self.beta1) / (1 - self.beta1**self.steps)
        b = math.sqrt((1 - self.beta2) / (1 - self.beta2**self.steps))
        add_scaled(1.0, g, M, s, keep=self.beta1)
        np.multiply(g, g, out=s)
        add_scaled(1.0, s, V, s, keep=self.beta2)
        np.sqrt(V, out=s)
        np.add(s, self.epsilon / b, out=s)
        np.divide(M, s, out=s)
        add_scaled(-eta * a / b, s, theta, s)


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


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "adagrad": AdaGrad,
    "adam": Adam,
    "adamw": AdamW,
    "rmsprop": RMSprop,
    "sgd": SGD,
}


def optimizer_from(config: Optimizer | str | Mapping[str, Any]) -> Optimizer:
    """An optimizer from {"name": "sgd", "learning_rate": 0.1, …}, or from its name; SpecError."""
    if isinstance(config, Optimizer):
        return config
    options = checks.options(config, "optimizer")
    name = options.pop("name", None)
    optimizer = checks.lookup(OPTIMIZERS, name, "optimizer")
    checks.known_keys(options, optimizer.options, str(name))
    return optimizer(**options)
