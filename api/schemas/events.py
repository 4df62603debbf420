"""What happened to a job."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from api.schemas.common import DEFAULT_LIMIT, Headers, ListOf, PageQuery, Recorded, Whole

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


class Event(Recorded):
    """One thing that happened to a job."""

    id: str
    object: Literal["event"] = "event"
    event: str = Field(
        description="`queued`, `running`, `epoch`, `cancel_requested`, `succeeded`, `failed` or `cancelled`"
    )
    created_at: datetime
    data: dict[str, Any] = Field(description="of an epoch: its metrics; of a failure: its code and message")


class EventList(ListOf[Event]):
    """Events of a job, oldest first."""
