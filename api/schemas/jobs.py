"""A training job."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from api.schemas.common import Answered, DescribedAs, ErrorCode, Headers, ListOf, PageQuery, Recorded, computed
from worker.jobspec import JobSpec
from worker.store.keys import DURATION, METRICS
from worker.store.listing import Order, Sought

if TYPE_CHECKING:
    from worker.store import jobs as records
    from worker.store import queue_position

Status = Literal["queued", "running", "succeeded", "failed", "cancelled"]

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


class Progress(Recorded):
    """How far a job is."""

    epoch: int = Field(0, ge=0, description="the epoch in hand, from 1; 0 before the first")
    epochs: int = Field(ge=1)
    step: int = Field(0, ge=0, description="batches of that epoch that are done")
    steps: int | None = Field(None, description="batches of an epoch")
    samples_per_second: float | None = None
    eta_seconds: float | None = Field(None, description="how long it will still take")


class Turn(Recorded):
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

    @classmethod
    def of(cls, job_id: str, model_id: str | None) -> Self:
        """Those of a job, and of the model that it made."""
        url = f"/v1/jobs/{job_id}"
        model = f"/v1/models/{model_id}" if model_id else None
        return cls(self=url, cancel=f"{url}/cancel", events=f"{url}/events", model=model)


class Job(Recorded):
    """A training job as its record tells it."""

    id: str
    object: Literal["job"] = "job"
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
    queue: Turn | None = Field(None, description="its place, as long as it waits")
    progress: Progress
    metrics: Annotated[dict[str, Any], BeforeValidator(lambda metrics: metrics or {})] = Field(
        description="the newest ones; `test_…`, `baseline` and `standard_error` once, at the end"
    )
    model_id: str | None = Field(description="the model that it made")
    error: JobError | None
    urls: JobUrls = computed(lambda job: JobUrls.of(job["id"], job["model_id"]))

    @classmethod
    def of(cls, record: records.Job, turn: queue_position.Turn | None = None) -> Self:
        """The job of a record, and its turn if it waits."""
        return cls.model_validate(record).model_copy(update={"queue": turn and Turn.model_validate(turn)})

    @field_validator("progress", mode="before")
    @classmethod
    def _not_begun(cls, progress: Any, info: ValidationInfo) -> Any:
        return progress or Progress(epochs=info.data["config"]["training"]["epochs"])


class JobList(ListOf[Job]):
    """Jobs, newest first or in the order that was chosen."""

    next: str | None = Field(
        None,
        description="what `after` says for the next page; null: there is none. Often the last ID; where many jobs were "
        "looked at in vain a page has fewer than `limit`, or none, and goes on from here",
    )
