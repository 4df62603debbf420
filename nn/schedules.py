"""Schedules: the learning rate's course, as a factor of the optimizer's own rate.

t is the time in epochs, a real number that grows a little with every step, and T the number of epochs. A new schedule
is one class and one row of `SCHEDULES`.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from nn import checks
from nn.errors import SpecError


class Schedule(ABC):
    """η(t) = η₀ · factor(t, T)."""

    kind: ClassVar[str]
    options: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def factor(self, t: float, T: int) -> float:
        """The factor at time t: 0 ≤ t < T."""

    def check(self, T: int) -> None:  # noqa: B027
        """SpecError where the schedule does not fit into T epochs."""

    def observe(self, loss: float) -> None:  # noqa: B027
        """Take note of an epoch's validation loss (of its training loss, where there is no validation set)."""

    def state(self) -> dict[str, float]:
        """What a resumed run must know."""
        return {}

    def restore(self, state: Mapping[str, float]) -> None:
        """Take up what `state` returned."""
        for name, value in state.items():
            setattr(self, name, value)


class Constant(Schedule):
    """η₀ throughout."""

    kind = "constant"

    def factor(self, t: float, T: int) -> float:
        return 1.0


class Step(Schedule):
    """η₀ · γ^⌊t / every⌋: a drop by γ each `every` epochs."""

    kind = "step"
    options = ("every", "gamma")

    def __init__(self, every: int = 10, gamma: float = 0.1) -> None:
        self.every = checks.integer(every, "step schedule: every")
        self.gamma = checks.real(gamma, "step schedule: gamma", above=0.0)

    def factor(self, t: float, T: int) -> float:
        return math.pow(self.gamma, t // self.every)


class Exponential(Schedule):
    """η₀ · γᵗ, falling a little at every step; γ is the factor of one whole epoch."""

    kind = "exponential"
    options = ("gamma",)

    def __init__(self, gamma: float = 0.95) -> None:
        self.gamma = checks.real(gamma, "exponential schedule: gamma", above=0.0)

    def factor(self, t: float, T: int) -> float:
        return math.pow(self.gamma, t)


class Cosine(Schedule):
    """A linear warm-up over w epochs, then half a cosine down to `floor`:

    floor + (1 − floor) (1 + cos π(t − w)/(T − w)) / 2 (Loshchilov & Hutter 2017, eq. 5).
    """

    kind = "cosine"
    options = ("warmup", "floor")

    def __init__(self, warmup: float = 0.0, floor: float = 0.0) -> None:
        self.warmup = checks.real(warmup, "cosine schedule: warmup")
        self.floor = checks.real(floor, "cosine schedule: floor", below=1.0)

    def check(self, T: int) -> None:
        if self.warmup >= T:
            raise SpecError(f"cosine schedule: expected a warmup shorter than the {T} epochs, got {self.warmup:g}")

    def factor(self, t: float, T: int) -> float:
        if t < self.warmup:
            return max(t, 0.01 * self.warmup) / self.warmup
        return self.floor + (1 - self.floor) * (1 + math.cos(math.pi * (t - self.warmup) / (T - self.warmup))) / 2


class OneCycle(Schedule):
    """Up from η₀/divide to η₀ over the fraction `rise` of all steps, then down to η₀/(10⁴ divide), both along cosines
    (Smith & Topin 2019; the shape of PyTorch's OneCycleLR).
    """

    kind = "one_cycle"
    options = ("rise", "divide")

    def __init__(self, rise: float = 0.3, divide: float = 25.0) -> None:
        self.rise = checks.real(rise, "one_cycle schedule: rise", above=0.0, below=1.0)
        self.divide = checks.real(divide, "one_cycle schedule: divide", least=1.0)

    def factor(self, t: float, T: int) -> float:
        start, peak, end = 1 / self.divide, 1.0, 1 / (self.divide * 1e4)
        top = self.rise * T
        if t < top:
            return peak + (start - peak) * (1 + math.cos(math.pi * t / top)) / 2
        return end + (peak - end) * (1 + math.cos(math.pi * (t - top) / (T - top))) / 2


class Plateau(Schedule):
    """η₀ · γᵏ, k growing by one whenever the loss has not reached a new low for more than `patience` epochs."""

    kind = "reduce_on_plateau"
    options = ("gamma", "patience")

    def __init__(self, gamma: float = 0.1, patience: int = 3) -> None:
        self.gamma = checks.real(gamma, "reduce_on_plateau schedule: gamma", above=0.0, below=1.0)
        self.patience = checks.integer(patience, "reduce_on_plateau schedule: patience", least=0)
        self.scale, self.best, self.waited = 1.0, math.inf, 0

    def factor(self, t: float, T: int) -> float:
        return self.scale

    def observe(self, loss: float) -> None:
        if loss < self.best:
            self.best, self.waited = loss, 0
            return
        self.waited += 1
        if self.waited > self.patience:
            self.scale, self.waited = self.scale * self.gamma, 0

    def state(self) -> dict[str, float]:
        return {"scale": self.scale, "best": self.best, "waited": self.waited}


SCHEDULES: dict[str, type[Schedule]] = {
    schedule.kind: schedule for schedule in (Constant, Cosine, Exponential, OneCycle, Plateau, Step)
}


def schedule_from(config: str | Mapping[str, Any] | None, epochs: int) -> Schedule:
    """A schedule from {"name": "cosine", …} or its name, None being constant; SpecError if `epochs` are too few."""
    options = checks.options("constant" if config is None else config, "schedule")
    name = options.pop("name", None)
    kind = checks.lookup(SCHEDULES, name, "schedule")
    checks.known_keys(options, kind.options, f"{name} schedule")
    schedule = kind(**options)
    schedule.check(epochs)
    return schedule
