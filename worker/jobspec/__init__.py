"""What a job asks for, checked whole before anything is written.

What can be chosen (layers, losses, optimizers, …), its defaults and its bounds are declared in `nn`, which the API must
not import: they come here as `catalogue.json` (`worker.jobspec.catalogue`).
"""

from typing import Final

from worker.jobspec.catalogue import CATALOGUE
from worker.jobspec.choices import KINDS
from worker.jobspec.job import JobSpec, ModelSpec, TrainingSpec
from worker.jobspec.presets import PRESETS

BUILT_IN_DATASETS: Final = ("mnist",)

__all__ = ["BUILT_IN_DATASETS", "CATALOGUE", "KINDS", "PRESETS", "JobSpec", "ModelSpec", "TrainingSpec"]
