"""Schedules that fall by a factor, or stay."""

import math

from nn.options import option
from nn.schedules.base import Schedule


class Constant(Schedule):
    """The learning rate stays: η₀ throughout."""

    kind = "constant"

    def factor(self, t: float, T: int) -> float:
        return 1.0


class Step(Schedule):
    """Down by the factor `gamma` every `every` epochs: η₀ · γ^⌊t / every⌋."""

    kind = "step"
    every: int = option(10, most=10_000, says="epochs from one drop to the next")
    gamma: float = option(0.1, above=0)

    def factor(self, t: float, T: int) -> float:
        return math.pow(self.gamma, t // self.every)


class Exponential(Schedule):
    """Down by the factor `gamma` an epoch, a little at every step: η₀ · γᵗ."""

    kind = "exponential"
    gamma: float = option(0.95, above=0)

    def factor(self, t: float, T: int) -> float:
        return math.pow(self.gamma, t)
