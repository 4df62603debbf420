"""What may be chosen of a training: a job's `training` has the same fields."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from nn.optimizers import Optimizer
from nn.options import Declared, option
from nn.training.regularization import REGULARIZERS

DEFAULT_OPTIMIZER: Final = {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9}

PARTS: Final = ("loss", "optimizer", "schedule", "early_stopping", "augmentation")
"""The fields whose values have options of their own."""


class TrainingOptions(Declared):
    """How `fit` trains; SpecError for what can be seen to be wrong before there are a model and data.

    loss: None is the model's own. schedule: None is constant. augmentation: the options of `nn.data.augmentation`, for
    images. early_stopping: {"patience": …}, which needs a validation set. Every kind of `nn.training.regularization` is
    an option too.
    """

    kind = "training"
    batch_size: int = option(128, in_a_job={"maximum": 65_536})
    epochs: int = option(10, in_a_job={"maximum": 10_000})
    shuffle: bool = option(True, says="a new order in each epoch")

    def __init__(
        self,
        *,
        loss: str | Mapping[str, Any] | None = None,
        optimizer: Optimizer | str | Mapping[str, Any] = DEFAULT_OPTIMIZER,
        schedule: str | Mapping[str, Any] | None = None,
        early_stopping: Mapping[str, Any] | None = None,
        augmentation: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.loss, self.optimizer, self.schedule = loss, optimizer, schedule
        self.early_stopping, self.augmentation = early_stopping, augmentation

    @property
    def regularization(self) -> dict[str, float | None]:
        """The strength of each kind."""
        return {kind: getattr(self, kind) for kind in REGULARIZERS}

    @classmethod
    def of(cls, training: Mapping[str, Any]) -> "TrainingOptions":
        """The options in a job's `training`, which has other fields too; one of an earlier version lacks some."""
        return cls(**{name: training[name] for name in (*PARTS, *cls.options) if name in training})


REGULARIZING: Final = {kind: replace(row.options["strength"], name=kind) for kind, row in REGULARIZERS.items()}
TrainingOptions.options = {**TrainingOptions.options, **REGULARIZING}
