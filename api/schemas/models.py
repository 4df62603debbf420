"""A stored model."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import ConfigDict, Field

from api.schemas.common import Answered, ListOf

if TYPE_CHECKING:
    from worker.store import models as records


class ModelUrls(Answered):
    """Where to go on."""

    self: str
    predictions: str
    job: str


class Model(Answered):
    """What a job made."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "model_7b1e0d9c8f7a6b5c4d3e2f10",
                    "object": "model",
                    "created_at": "2026-11-24T12:00:03.480000Z",
                    "name": "first",
                    "job_id": "job_2f6d1c0b9a8e7f6d5c4b3a29",
                    "dataset": "mnist",
                    "task": "classification",
                    "classes": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
                    "architecture": {"layers": [{"kind": "dense", "units": 10}]},
                    "metrics": {"test_accuracy": 0.979, "train_seconds": 3.1},
                    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "size_bytes": 437304,
                    "urls": {
                        "self": "/v1/models/model_7b1e0d9c8f7a6b5c4d3e2f10",
                        "predictions": "/v1/models/model_7b1e0d9c8f7a6b5c4d3e2f10/predictions",
                        "job": "/v1/jobs/job_2f6d1c0b9a8e7f6d5c4b3a29",
                    },
                }
            ]
        }
    )

    id: str
    object: Literal["model"]
    created_at: datetime
    name: str | None
    job_id: str
    dataset: str
    task: str = Field(description="`classification` or `regression`")
    classes: list[str] = Field(description="what a prediction's numbers stand for")
    architecture: dict[str, Any]
    metrics: dict[str, Any]
    sha256: str = Field(description="of the file of its weights")
    size_bytes: int
    urls: ModelUrls

    @classmethod
    def of(cls, record: records.Model) -> Self:
        """The model of a record."""
        url = f"/v1/models/{record.id}"
        return cls.model_validate(
            {
                "id": record.id,
                "object": "model",
                "created_at": record.created_at,
                "name": record.name,
                "job_id": record.job_id,
                "dataset": record.dataset,
                "task": record.task,
                "classes": record.classes,
                "architecture": record.architecture,
                "metrics": record.metrics,
                "sha256": record.sha256,
                "size_bytes": record.size_bytes,
                "urls": {"self": url, "predictions": f"{url}/predictions", "job": f"/v1/jobs/{record.job_id}"},
            }
        )


class ModelList(ListOf[Model]):
    """Models, newest first."""
