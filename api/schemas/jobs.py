"""A training job."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import ConfigDict, Field

from api.schemas.common import Answered, DescribedAs, Headers, ListOf, PageQuery
from worker.spec import JobSpec

if TYPE_CHECKING:
    from worker.store import jobs as records
    from worker.store import turns

Status = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class JobsQuery(PageQuery):
    """Which jobs."""

    status: Status | None = Field(None, description="keeps the jobs in this state")
    dataset: str | None = Field(None, description="keeps the jobs on this data set")
    name: str | None = Field(None, description="keeps the jobs of this name")
    metadata: str | None = Field(None, pattern=r"^[^=]+=", description="`key=text` keeps the jobs that say this")

    def keeps(self, job: records.Job) -> bool:
        """Whether a job in the right state is one of those."""
        key, _, text = (self.metadata or "").partition("=")
        return (
            (self.dataset is None or job.config["dataset"] == self.dataset)
            and (self.name is None or job.config["name"] == self.name)
            and (self.metadata is None or job.config["metadata"].get(key) == text)
        )

    @property
    def keeps_all(self) -> bool:
        """Whether the state says it all."""
        return self.dataset is self.name is self.metadata is None


class SubmitHeaders(Headers):
    """What a submit may say beside its body."""

    idempotency_key: str | None = Field(
        None,
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="a name of your own for this submit: sent again with the same body, it gives the same job",
    )


class Progress(Answered):
    """How far a job is."""

    epoch: int = Field(ge=0, description="the epoch in hand, from 1; 0 before the first")
    epochs: int = Field(ge=1)
    step: int = Field(ge=0, description="batches of that epoch that are done")
    steps: int | None = Field(description="batches of an epoch")
    samples_per_second: float | None
    eta_seconds: float | None = Field(description="how long it will still take")


class Turn(Answered):
    """When a job's turn comes."""

    position: int = Field(ge=1, description="1: it is the next")
    starts_in_seconds: float | None = Field(
        description="by what the last jobs took; null: no worker is at work, or no job has ended yet"
    )


class JobError(Answered):
    """Why a job failed."""

    code: str = Field(
        description="`invalid_spec`, `invalid_data`, `diverged`, `worker_lost`, `memory_limit`, `time_limit`, "
        "`too_many_samples`, `quota_exceeded`, `storage_failed`, `blob_missing`, `dataset_not_found`, "
        "`model_not_found` or `internal_error`"
    )
    message: str
    log: list[str] = Field([], description="the last lines that the job logged, oldest first")


class JobUrls(Answered):
    """Where to go on."""

    self: str
    cancel: str
    events: str
    model: str | None


EXAMPLE: Final[dict[str, Any]] = {
    "id": "job_2f6d1c0b9a8e7f6d5c4b3a29",
    "object": "job",
    "status": "running",
    "created_at": "2026-11-24T12:00:00.000000Z",
    "started_at": "2026-11-24T12:00:00.120000Z",
    "finished_at": None,
    "cancel_requested_at": None,
    "attempt": 1,
    "dataset": "mnist",
    "name": "first",
    "metadata": {},
    "config": JobSpec(dataset="mnist", name="first", seed=42).model_dump(mode="json"),
    "queue": None,
    "progress": {
        "epoch": 3,
        "epochs": 10,
        "step": 120,
        "steps": 422,
        "samples_per_second": 154000.0,
        "eta_seconds": 2.7,
    },
    "metrics": {"train_loss": 0.12, "validation_loss": 0.14, "validation_accuracy": 0.958},
    "model_id": None,
    "error": None,
    "urls": {
        "self": "/v1/jobs/job_2f6d1c0b9a8e7f6d5c4b3a29",
        "cancel": "/v1/jobs/job_2f6d1c0b9a8e7f6d5c4b3a29/cancel",
        "events": "/v1/jobs/job_2f6d1c0b9a8e7f6d5c4b3a29/events",
        "model": None,
    },
}
"""A job that runs."""

QUEUED: Final[dict[str, Any]] = EXAMPLE | {
    "status": "queued",
    "started_at": None,
    "attempt": 0,
    "queue": {"position": 1, "starts_in_seconds": 4.0},
    "progress": {
        "epoch": 0,
        "epochs": 10,
        "step": 0,
        "steps": None,
        "samples_per_second": None,
        "eta_seconds": None,
    },
    "metrics": {},
}
"""The same job as it was when it was submitted."""

CANCELLED: Final[dict[str, Any]] = EXAMPLE | {"cancel_requested_at": "2026-11-24T12:00:01.000000Z"}
"""The same job after somebody asked for its end, before its next batch."""


class Job(Answered):
    """A training job as its record tells it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: str
    object: Literal["job"]
    status: Status
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested_at: datetime | None
    attempt: int = Field(ge=0, description="how many workers began it; one that put it back in order does not count")
    dataset: str
    name: str | None
    metadata: dict[str, str]
    config: Annotated[dict[str, Any], DescribedAs(JobSpec)] = Field(
        description="the whole request with its defaults filled in; it can be sent again as it is"
    )
    queue: Turn | None = Field(description="its place, as long as it waits")
    progress: Progress
    metrics: dict[str, Any] = Field(
        description="the newest ones; `test_…`, `baseline` and `standard_error` once, at the end"
    )
    model_id: str | None = Field(description="the model that it made")
    error: JobError | None
    urls: JobUrls

    @classmethod
    def of(cls, record: records.Job, turn: turns.Turn | None = None) -> Self:
        """The job of a record, and its turn if it waits."""
        url = f"/v1/jobs/{record.id}"
        config = record.config
        return cls.model_validate(
            {
                "id": record.id,
                "object": "job",
                "status": record.status,
                "created_at": record.created_at,
                "started_at": record.started_at,
                "finished_at": record.finished_at,
                "cancel_requested_at": record.cancel_requested_at,
                "attempt": record.attempt,
                "dataset": config["dataset"],
                "name": config["name"],
                "metadata": config["metadata"],
                "config": config,
                "queue": asdict(turn) if turn else None,
                "progress": record.progress or _not_begun(config["training"]["epochs"]),
                "metrics": record.metrics or {},
                "model_id": record.model_id,
                "error": record.error,
                "urls": {
                    "self": url,
                    "cancel": f"{url}/cancel",
                    "events": f"{url}/events",
                    "model": f"/v1/models/{record.model_id}" if record.model_id else None,
                },
            }
        )


def _not_begun(epochs: int) -> dict[str, Any]:
    return {"epoch": 0, "epochs": epochs, "step": 0, "steps": None, "samples_per_second": None, "eta_seconds": None}


class JobList(ListOf[Job]):
    """Jobs, newest first."""
