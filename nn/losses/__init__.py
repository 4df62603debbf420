"""The losses, and the table that names them in a specification."""

from collections.abc import Mapping
from typing import Any

from nn import checks
from nn.errors import SpecError
from nn.losses.base import Loss
from nn.losses.cross_entropy import BinaryCrossEntropy, CrossEntropy
from nn.losses.distance import Huber, MeanAbsoluteError, MeanSquaredError

LOSSES: dict[str, type[Loss]] = {
    "binary_cross_entropy": BinaryCrossEntropy,
    "cross_entropy": CrossEntropy,
    "huber": Huber,
    "mean_absolute_error": MeanAbsoluteError,
    "mean_squared_error": MeanSquaredError,
}

__all__ = ["LOSSES", "Loss", "loss_from"]


def loss_from(config: str | Mapping[str, Any], task: str, classes: int) -> Loss:
    """A loss from its name, or from {"name": …} with options; SpecError where it cannot train `task`."""
    options = checks.options(config, "loss")
    name = str(options.pop("name", None))
    loss = checks.lookup(LOSSES, name, "loss")
    if task not in loss.output:
        fitting = sorted(other for other, row in LOSSES.items() if task in row.output)
        raise SpecError(f"loss: expected one for {task} ({', '.join(fitting)}), got {name!r}")
    checks.known_keys(options, loss.options, name)
    if loss is BinaryCrossEntropy and classes != 2:
        raise SpecError(f"binary_cross_entropy: expected two classes, got {classes}")
    weights = options.get("class_weights")
    if weights is not None and len(weights) != classes:
        raise SpecError(f"class_weights: expected one number for each of {classes} classes, got {len(weights)}")
    return loss(task, **options)
