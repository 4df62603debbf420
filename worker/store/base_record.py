"""What every record has that a worker runs, whatever its kind."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, cast

from worker.store import records
from worker.store.records import Hash
from worker.store.status import FINISHED, Status


@dataclass(frozen=True)
class BaseRecord:
    """A record as Redis tells it; each kind adds fields of its own."""

    id: str
    status: Status
    revision: int
    attempt: int
    """How many workers began it."""
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested_at: datetime | None
    error: dict[str, Any] | None

    @property
    def finished(self) -> bool:
        """Whether nothing about it will change any more."""
        return self.status in FINISHED

    @classmethod
    def from_hash(cls, record: Hash) -> Self:
        """Read the record as Redis keeps it."""
        return cls(
            id=record["id"].decode(),
            status=cast(Status, record["status"].decode()),
            revision=int(record["revision"]),
            attempt=int(record["attempt"]),
            created_at=records.utc(record["created_at"]),
            started_at=records.moment(record, "started_at"),
            finished_at=records.moment(record, "finished_at"),
            cancel_requested_at=records.moment(record, "cancel_requested_at"),
            error=records.json(record, "error"),
            **cls.own_fields(record),
        )

    @classmethod
    def own_fields(cls, record: Hash) -> dict[str, Any]:
        """The fields of this kind alone, by name."""
        del record
        return {}
