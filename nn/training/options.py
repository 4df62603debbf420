"""What may be chosen of a training: a job's `training` has the same fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nn import checks
from nn.optimizers import Optimizer


def _momentum() -> dict[str, Any]:
    return {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9}


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """How `fit` trains; SpecError for what can be seen to be wrong before there are a model and data.

    loss: None is the model's own. schedule: None is constant. augmentation: the options of `nn.data.augmentation`, for
    images. early_stopping: {"patience": …}, which needs a validation set. l1, l2, weight_decay, clip_norm: as
    `nn.training.regularization` has them.
    """

    loss: str | Mapping[str, Any] | None = None
    optimizer: Optimizer | str | Mapping[str, Any] = field(default_factory=_momentum)
    schedule: str | Mapping[str, Any] | None = None
    weight_decay: float = 0.0
    l1: float = 0.0
    l2: float = 0.0
    clip_norm: float | None = None
    batch_size: int = 128
    epochs: int = 10
    shuffle: bool = True
    early_stopping: Mapping[str, Any] | None = None
    augmentation: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        checks.integer(self.epochs, "epochs")
        checks.integer(self.batch_size, "batch_size")
        checks.flag(self.shuffle, "shuffle")

    @classmethod
    def of(cls, training: Mapping[str, Any]) -> "TrainingOptions":
        """Those of a job's `training`, which has more fields than these."""
        return cls(**{name: training[name] for name in cls.__dataclass_fields__})
