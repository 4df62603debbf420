"""A training job."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import AfterValidator, ConfigDict, Field

from api.schemas.common import Answered, DescribedAs, ErrorCode, Headers, ListOf, PageQuery
from worker.jobspec import JobSpec
from worker.store.keys import DURATION, METRICS
from worker.store.listing import Order, Sought

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.store import jobs as records
    from worker.store import queue_position
    from worker.store.records import Page

Status = Literal["queued", "running", "succeeded", "failed", "cancelled"]

Record = TypeVar("Record")

CREATED: Final = "created_at"
ORDERS: Final[dict[str, str | None]] = {CREATED: None, DURATION: DURATION} | {
    f"metrics.{name}": name for name in METRICS
}
"""What `?sort=` takes → the figure in the store; None is the order of creation."""
SORTS: Final = tuple(sign + name for name in ORDERS for sign in ("", "-"))


def _known_order(sort: str) -> str:
    if sort.removeprefix("-") not in ORDERS:
        raise ValueError(f"expected one of {', '.join(ORDERS)}, with - before it for the greatest first")
    return sort


class JobsQuery(PageQuery):
    """Which jobs, and in which order."""

    status: Status | None = Field(None, description="keeps the jobs in this state")
    dataset: str | None = Field(None, description="keeps the jobs on this data set")
    name: str | None = Field(None, description="keeps the jobs of this name")
    metadata: str | None = Field(None, pattern=r"^[^=]+=", description="`key=text` keeps the jobs that say this")
    q: str | None = Field(
        None,
        max_length=200,
        description="keeps the jobs in which all these words stand, in small letters or large: in name, ID, metadata, "
        "preset, layers, activation, optimizer or its learning rate",
    )
    sort: Annotated[str, AfterValidator(_known_order)] = Field(
        f"-{CREATED}",
        json_schema_extra={"enum": list(SORTS)},
        description="by what they are sorted, with - before it the greatest first; by anything else than `created_at` "
        "the list has the jobs that have succeeded and have this figure, and no others",
    )

    @property
    def sought(self) -> Sought:
        """Which jobs."""
        key, _, text = (self.metadata or "").partition("=")
        metadata = None if self.metadata is None else (key, text)
        return Sought(status=self.status, dataset=self.dataset, name=self.name, metadata=metadata, text=self.q)

    @property
    def order(self) -> Order:
        """In which order."""
        return Order(ORDERS[self.sort.removeprefix("-")], reversed=self.sort.startswith("-"))


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

    code: ErrorCode
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
    def of(cls, record: records.Job, turn: queue_position.Turn | None = None) -> Self:
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
    """Jobs, newest first or in the order that was chosen."""

    next: str | None = Field(
        None,
        description="what `after` says for the next page; null: there is none. Often the last ID; where many jobs were "
        "looked at in vain a page has fewer than `limit`, or none, and goes on from here",
    )

    @classmethod
    def of(cls, page: Page[Record], shape: Callable[[Record], Job]) -> Self:
        """The part of a list that the store gave."""
        data = [shape(record) for record in page.data]
        return cls(object="list", data=data, has_more=page.has_more, next=page.next)
