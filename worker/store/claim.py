"""The right to run a record: who has claimed one may write to it, until somebody else may."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from worker.store.base_record import BaseRecord
from worker.work.kind import Kind

Record = TypeVar("Record", bound=BaseRecord)


@dataclass(frozen=True)
class Claim(Generic[Record]):
    """The right to run a record's work: every later write carries its token, and a stale one is refused."""

    record: Record
    token: int
    taken: float = field(default_factory=time.monotonic, compare=False)
    """When, by the owner's own clock."""
    traceparent: str | None = None
    """The request that asked for it (`worker.observability.tracing`)."""

    @property
    def log_fields(self) -> dict[str, str | int]:
        """What each log line about this attempt says."""
        return {"record_id": self.record.id, "attempt": self.record.attempt, "token": self.token}


@dataclass(frozen=True)
class NewModel:
    """The model that a job made: its ID, and what its record will hold."""

    id: str
    record: Mapping[str, str]


@dataclass(frozen=True)
class NewRecord:
    """A record that is written while its parent begins to wait for it: its ID, its kind, and its own fields."""

    id: str
    kind: Kind
    fields: Mapping[str, str | bytes]
