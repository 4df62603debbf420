"""Records of kinds that functions run: what was asked, and what came of it, as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from worker.store import records
from worker.store.base_record import BaseRecord
from worker.store.claim import Claim, NewModel
from worker.store.record_store import RecordStore
from worker.store.records import Hash
from worker.store.scripts import run
from worker.work.outcome import Done


@dataclass(frozen=True)
class WorkRecord(BaseRecord):
    """Work as its record tells it."""

    request: dict[str, Any]
    progress: dict[str, Any] | None
    result: dict[str, Any] | None

    @classmethod
    def own_fields(cls, record: Hash) -> dict[str, Any]:
        """The fields of this kind alone, by name."""
        return {
            "request": records.json(record, "request"),
            "progress": records.json(record, "progress"),
            "result": records.json(record, "result"),
        }


class WorkRecords(RecordStore[WorkRecord]):
    """All records of one such kind."""

    @staticmethod
    def fields(request: Mapping[str, Any]) -> dict[str, str | bytes]:
        """A new record's own fields."""
        return {"request": orjson.dumps(request)}

    def done(self, claim: Claim[WorkRecord], outcome: Done) -> str:
        """Say what came of it; see `RecordStore.end`."""
        model = None if outcome.model is None else NewModel(outcome.result["model_id"], outcome.model)
        return self.end(claim, "succeeded", record={"result": orjson.dumps(outcome.result)}, model=model)

    def report(self, claim: Claim[WorkRecord], progress: Mapping[str, Any]) -> None:
        """Write how far it is.

        Raises:
            LeaseLostError: the write was refused.

        """
        own_keys = [self._kind.record(claim.record.id), self._kind.events(claim.record.id)]
        if not run(self._redis, "report", own_keys, claim.token, orjson.dumps(progress), "{}", "", 0, ""):
            raise self._stale(claim)
