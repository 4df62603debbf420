"""Records of kinds that functions run: what was asked, and what came of it, as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import orjson

from worker.store import records
from worker.store.claim import Claim
from worker.store.maintenance import FINISHED
from worker.store.record_store import RecordStore
from worker.store.records import Hash
from worker.store.scripts import run


@dataclass(frozen=True)
class WorkRecord:
    """Work as its record tells it."""

    id: str
    status: str
    revision: int
    attempt: int
    request: dict[str, Any]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested_at: datetime | None
    progress: dict[str, Any] | None
    result: dict[str, Any] | None
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
            status=record["status"].decode(),
            revision=int(record["revision"]),
            attempt=int(record["attempt"]),
            request=records.json(record, "request"),
            created_at=records.utc(record["created_at"]),
            started_at=records.moment(record, "started_at"),
            finished_at=records.moment(record, "finished_at"),
            cancel_requested_at=records.moment(record, "cancel_requested_at"),
            progress=records.json(record, "progress"),
            result=records.json(record, "result"),
            error=records.json(record, "error"),
        )


class WorkRecords(RecordStore[WorkRecord]):
    """All records of one such kind."""

    @staticmethod
    def fields(request: Mapping[str, Any]) -> dict[str, str | bytes]:
        """A new record's own fields."""
        return {"request": orjson.dumps(request)}

    def done(self, claim: Claim[WorkRecord], result: Mapping[str, Any]) -> str:
        """Say what came of it; see `RecordStore.end`."""
        return self.end(claim, "succeeded", record={"result": orjson.dumps(result)})

    def report(self, claim: Claim[WorkRecord], progress: Mapping[str, Any]) -> None:
        """Write how far it is.

        Raises:
            LeaseLostError: the write was refused.

        """
        own_keys = [self._kind.record(claim.record.id), self._kind.events(claim.record.id)]
        if not run(self._redis, "report", own_keys, claim.token, orjson.dumps(progress), "{}", "", 0, ""):
            raise self._stale(claim)
