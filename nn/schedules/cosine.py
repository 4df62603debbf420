"""Schedules along cosines."""

import math

from nn.options import option
from nn.schedules.base import Schedule


class Cosine(Schedule):
    """The learning rate rises over `warmup` epochs, then falls along half a cosine to the share `floor` of it.

    floor + (1 − floor) (1 + cos π(t − w)/(T − w)) / 2 (Loshchilov & Hutter 2017, eq. 5).
    """

    kind = "cosine"
    warmup: float = option(0.0, less_than="epochs", says="epochs; fewer than the training has")
    floor: float = option(0.0, below=1)

    def factor(self, t: float, T: int) -> float:
        if t < self.warmup:
            return max(t, 0.01 * self.warmup) / self.warmup
        return self.floor + (1 - self.floor) * (1 + math.cos(math.pi * (t - self.warmup) / (T - self.warmup))) / 2


class OneCycle(Schedule):
    """From 1/`divide` of the learning rate up to all of it over the share `rise` of the steps, then down to almost 0.

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
