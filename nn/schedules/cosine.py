"""Schedules along cosines."""

import math

from nn.options import option
from nn.schedules.base import Schedule


class Cosine(Schedule):
    """Up over `warmup` epochs, then down along half a cosine to `floor` of it.

    floor + (1 − floor) (1 + cos π(t − w)/(T − w)) / 2 (Loshchilov & Hutter 2017, eq. 5).
    """

    kind = "cosine"
    warmup: float = option(0.0, less_than="epochs", says="epochs, of which it needs fewer than there are")
    floor: float = option(0.0, below=1)

    def factor(self, t: float, T: int) -> float:
        if t < self.warmup:
            return max(t, 0.01 * self.warmup) / self.warmup
        return self.floor + (1 - self.floor) * (1 + math.cos(math.pi * (t - self.warmup) / (T - self.warmup))) / 2


class OneCycle(Schedule):
    """From a `divide`-th of it up over the fraction `rise` of all steps, then down to almost nothing.

    Up from η₀/divide to η₀, down to η₀/(10⁴ divide), both along cosines (Smith & Topin 2019; the shape of PyTorch's
    OneCycleLR).
    """

    kind = "one_cycle"
    rise: float = option(0.3, above=0, below=1)
    divide: float = option(25.0, least=1)

    def factor(self, t: float, T: int) -> float:
        start, peak, end = 1 / self.divide, 1.0, 1 / (self.divide * 1e4)
        top = self.rise * T
        if t < top:
            return peak + (start - peak) * (1 + math.cos(math.pi * t / top)) / 2
        return end + (peak - end) * (1 + math.cos(math.pi * (t - top) / (T - top))) / 2
