"""A schedule that watches the loss."""

import math

from nn.options import option
from nn.schedules.base import Schedule


class ReduceOnPlateau(Schedule):
    """Down by the factor `gamma` when the loss has not fallen for more than `patience` epochs.

    η₀ · γᵏ, k growing by one whenever the loss has not reached a new low for that long.
    """

    kind = "reduce_on_plateau"
    gamma: float = option(0.1, above=0, below=1)
    patience: int = option(3, least=0, most=10_000, says="epochs")

    def prepare(self) -> None:
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
