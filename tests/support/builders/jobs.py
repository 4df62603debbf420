"""Specs of jobs for a running service, and what a job leaves in the store."""

from worker.store import models
from worker.store.claim import NewModel

SHORT = {"dataset": "mnist", "seed": 1, "model": {"hidden_layers": [32]}, "training": {"epochs": 2}}
LONG = {"dataset": "mnist", "seed": 1, "training": {"epochs": 10_000}}

LEASE_MS = 60_000


def model(name: str = "model_1") -> NewModel:
    about = models.describe(
        name=None,
        job_id="job",
        dataset="mnist",
        task="classification",
        classes=["0"],
        architecture={},
        metrics={},
        sha256="",
        size_bytes=1,
    )
    return NewModel(name, about)
