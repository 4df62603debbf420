"""Training jobs."""

from typing import Final

from worker.jobspec.catalogue import CATALOGUE
from worker.work.kind import TRAINING, Kind

DURATION: Final = "duration"
"""Seconds from a job's first start to its end."""
METRICS: Final = (
    *(f"test_{name}" for name, row in CATALOGUE["metrics"].items() if "headline" in row),
    "test_loss",
    "validation_accuracy",
    "validation_loss",
)
"""Metrics of a job by which jobs can be sorted."""

KIND: Final = Kind(
    "job",
    "jobs",
    "job",
    queue=TRAINING,
    runner="worker.training.trainer:Trainer",
    figures=(DURATION, *METRICS),
    background=True,
)
