"""What a schedule is: the learning rate's course, as a factor of the optimizer's own rate."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from nn.options import Declared


class Schedule(Declared, ABC):
    """η(t) = η₀ · factor(t, T).

    t is the time in epochs, a real number that grows a little with every step, and T the number of epochs.
    """

    @abstractmethod
    def factor(self, t: float, T: int) -> float:
        """The factor at time t: 0 ≤ t < T."""

    def observe(self, loss: float) -> None:
        """Take note of an epoch's validation loss (of its training loss, where there is no validation set)."""

    def state(self) -> dict[str, float]:
        """What a resumed run must know."""
        return {}

    def restore(self, state: Mapping[str, float]) -> None:
        """Take up what `state` returned."""
        for name, value in state.items():
            setattr(self, name, value)
