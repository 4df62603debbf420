"""What happened to a job."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import ConfigDict, Field

from api.schemas.common import DEFAULT_LIMIT, Answered, Headers, ListOf, PageQuery, Whole

if TYPE_CHECKING:
    from worker.store import events as records

EVENT_ID = r"^[0-9]{1,19}-[0-9]{1,19}$"
"""Two numbers that Redis can read: it takes no more than 64 bits."""


MOST_EVENTS = 1000


class EventsQuery(PageQuery):
    """Which events."""

    limit: Whole = Field(DEFAULT_LIMIT, ge=1, le=MOST_EVENTS, description="how many at most")
    after: str | None = Field(None, pattern=EVENT_ID, description="the last ID of the page before")


class EventsHeaders(Headers):
    """How a broken stream goes on."""

    last_event_id: str | None = Field(
        None,
        alias="Last-Event-ID",
        pattern=f"^({EVENT_ID.strip('^$')})?$",
        description="the stream goes on after this event; empty: from the first",
    )


class Event(Answered):
    """One thing that happened to a job."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "1795521600120-0",
                    "object": "event",
                    "event": "epoch",
                    "created_at": "2026-11-24T12:00:00.120000Z",
                    "data": {"epoch": 1, "epochs": 10, "train_loss": 0.31, "validation_accuracy": 0.941},
                }
            ]
        }
    )

    id: str
    object: Literal["event"]
    event: str = Field(
        description="`queued`, `running`, `epoch`, `cancel_requested`, `succeeded`, `failed` or `cancelled`"
    )
    created_at: datetime
    data: dict[str, Any] = Field(description="of an epoch: its metrics; of a failure: its code and message")

    @classmethod
    def of(cls, record: records.Event) -> Self:
        """The event of a record."""
        return cls(id=record.id, object="event", event=record.event, created_at=record.created_at, data=record.data)


class EventList(ListOf[Event]):
    """Events of a job, oldest first."""
