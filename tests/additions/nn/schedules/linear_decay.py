"""A straight line."""

from nn.options import option
from nn.schedules.base import Schedule


class LinearDecay(Schedule):
    """Down along a straight line to `floor` of it."""

    kind = "linear_decay"
    floor: float = option(0.0, below=1)

    def factor(self, t, T):
        return 1 - (1 - self.floor) * t / T
