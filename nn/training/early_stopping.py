"""Early stopping: keep the weights of the best epoch, and stop when it is long past (Prechelt 1998)."""

import math
from collections.abc import Mapping

from nn.arrays import AnyArray
from nn.network import Network
from nn.options import Declared, option


class EarlyStopping(Declared):
    """Stop when the validation loss has not fallen for `patience` epochs, and keep the best weights."""

    kind = "early_stopping"
    patience: int = option(5, most=10_000)
    min_delta: float = option(0.0, says="a loss must be lower by more than this to count as fallen")

    def prepare(self) -> None:
        self.best_loss, self.best_epoch, self.waited = math.inf, 0, 0
        self.best: dict[str, AnyArray] = {}

    def observe(self, epoch: int, loss: float, network: Network) -> None:
        """Take note of an epoch's validation loss, and of the weights if it is the best so far."""
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.best_epoch, self.waited = loss, epoch, 0
            self.best = {"parameters": network.parameters.copy(), "statistics": network.statistics.copy()}
        else:
            self.waited += 1

    @property
    def exhausted(self) -> bool:
        """Whether it is time to stop."""
        return self.waited >= self.patience

    def restore_best(self, network: Network) -> None:
        """Give the network the weights of the best epoch."""
        if self.best:
            network.parameters[...] = self.best["parameters"]
            network.statistics[...] = self.best["statistics"]

    def facts(self) -> dict[str, float]:
        """The numbers of a checkpoint; the arrays are `best`."""
        return {"best_loss": self.best_loss, "best_epoch": self.best_epoch, "waited": self.waited}

    def restore(self, facts: Mapping[str, float], best: Mapping[str, AnyArray]) -> None:
        """Take up what `facts` and `best` held."""
        self.best_loss, self.best_epoch = float(facts["best_loss"]), int(facts["best_epoch"])
        self.waited, self.best = int(facts["waited"]), dict(best)
