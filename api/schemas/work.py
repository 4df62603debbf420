"""Work of the kinds that functions run."""

from typing import Any, Literal, Self

from pydantic import AwareDatetime, Field

from api.schemas.common import Answered
from worker.store.work_records import WorkRecord


class WorkError(Answered):
    """Why it failed."""

    code: str
    message: str


class Work(Answered):
    """Work, and how far it is."""

    id: str
    object: str = Field(description="its kind")
    status: Literal["queued", "running", "waiting", "succeeded", "failed", "cancelled"] = Field(
        description="`waiting`: for its children, and no worker is occupied"
    )
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    finished_at: AwareDatetime | None
    cancel_requested_at: AwareDatetime | None
    attempt: int = Field(description="how many workers began it since it last waited for children")
    request: dict[str, Any] = Field(description="what was asked for, with every default")
    progress: dict[str, Any] | None = Field(description="as it tells it; null: nothing yet")
    children: list[str] = Field(description="the IDs of what it has waited for, in the order of their making")
    result: dict[str, Any] | None = Field(description="what came of it; null: not yet, or nothing")
    error: WorkError | None
    urls: dict[str, str]

    @classmethod
    def of(cls, record: WorkRecord, noun: str, path: str, children: list[str]) -> Self:
        """The shape of a record."""
        fields = {name: getattr(record, name) for name in cls.model_fields if hasattr(record, name)}
        own = f"{path}/{record.id}"
        urls = {"self": own, "events": f"{own}/events", "cancel": f"{own}/cancel"}
        return cls.model_validate(fields | {"object": noun, "children": children, "urls": urls})
