"""What a training tells while it runs, and at its end."""

from collections.abc import Callable
from dataclasses import dataclass, field

from nn.training.state import TrainingState


@dataclass(frozen=True)
class EpochReport:
    """One finished epoch, 1-based; losses and accuracies are means over the epoch, None where they do not apply."""

    epoch: int
    epochs: int
    train_loss: float
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    learning_rate: float
    seconds: float
    samples_per_second: float
    snapshot: Callable[[], TrainingState] | None = field(default=None, repr=False, compare=False)

    def state(self) -> TrainingState:
        """All that a run needs to go on from here; to be taken inside the callback, before the next epoch begins."""
        if self.snapshot is None:
            raise ValueError("state: expected to be asked inside on_epoch, got a report of the past")
        return self.snapshot()


@dataclass(frozen=True, slots=True)
class StepReport:
    """The last finished step of `steps` in this epoch; both numbers are 1-based."""

    epoch: int
    step: int
    steps: int
    snapshot: Callable[[], TrainingState] | None = field(default=None, repr=False, compare=False)

    def state(self) -> TrainingState:
        """All that a run needs to go on from here, in the middle of the epoch; to be taken before the next step."""
        if self.snapshot is None:
            raise ValueError("state: expected to be asked inside on_step, got a report of the past")
        return self.snapshot()


@dataclass
class History:
    """All epochs of a training. `best_epoch` is the one whose weights the model has, where early stopping chose it."""

    epochs: list[EpochReport] = field(default_factory=list)
    stopped: bool = False
    stopped_early: bool = False
    best_epoch: int | None = None
    seconds: float = 0.0
