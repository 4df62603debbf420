"""The losses, and the table that names them in a specification."""

from collections.abc import Mapping
from typing import Any

from nn import checks, registry
from nn.errors import SpecError
from nn.losses.base import Loss
from nn.losses.cross_entropy import BinaryCrossEntropy, CrossEntropy
from nn.losses.distance import Huber, MeanAbsoluteError, MeanSquaredError

LOSSES: dict[str, type[Loss]] = registry.classes(__name__, Loss)

__all__ = [
    "LOSSES",
    "BinaryCrossEntropy",
    "CrossEntropy",
    "Huber",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "loss_from",
]


def loss_from(config: str | Mapping[str, Any] | None, task: str, classes: int) -> Loss:
    """A loss from its name, or from {"name": …} with options; None: the task's usual one.

    SpecError where it cannot train `task`.
    """
    if config is None:
        config = next((name for name, row in LOSSES.items() if row.usual_for == task), None)
    options = checks.options(config, "loss")
    name = str(options.pop("name", None))
    loss = checks.lookup(LOSSES, name, "loss")
    if task not in loss.output:
        fitting = sorted(other for other, row in LOSSES.items() if task in row.output)
        raise SpecError(f"loss: expected one for {task} ({', '.join(fitting)}), got {name!r}")
    if loss.classes not in {None, classes}:
        raise SpecError(f"{name}: expected {loss.classes} classes, got {classes}")
    made = loss(task, **options)
    for option, declared in loss.options.items():
        numbers = getattr(made, option)
        if declared.one_per_class and numbers is not None and len(numbers) != classes:
            raise SpecError(f"{name} {option}: expected one number for each of {classes} classes, got {len(numbers)}")
    return made
