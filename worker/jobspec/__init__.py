"""What a job asks for, checked whole before anything is written.

The names here (activations, losses, optimizers, …) and their defaults are those of the tables in `nn`; the API must not
import NumPy, so they stand here again, and a test holds the two equal.
"""

from typing import Final, get_args

from worker.jobspec.job import JobSpec, ModelSpec, TrainingSpec
from worker.jobspec.layers import Layer
from worker.jobspec.losses import AnyLoss
from worker.jobspec.optimizers import Optimizer
from worker.jobspec.schedules import Schedule

BUILT_IN_DATASETS: Final = ("mnist",)

KINDS: Final = frozenset(
    kind
    for union, tag in ((Layer, "type"), (AnyLoss, "name"), (Optimizer, "name"), (Schedule, "name"))
    for part in get_args(get_args(union)[0])
    for kind in get_args(part.model_fields[tag].annotation)
)
"""The names by which a part of a spec says what it is."""

__all__ = ["BUILT_IN_DATASETS", "KINDS", "JobSpec", "ModelSpec", "TrainingSpec"]
