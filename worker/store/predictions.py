"""The record of an asynchronous prediction. What was asked, and what came of it, are in the blob store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

import orjson
from redis import Redis

from worker.store import keys, records
from worker.store.base_record import BaseRecord
from worker.store.blobs import Blobs
from worker.store.claim import Claim
from worker.store.metrics import Metrics
from worker.store.record_store import RecordStore
from worker.store.records import Hash
from worker.store.status import STATUSES
from worker.store.usage import Usage

Format = Literal["json", "csv", "npz"]

MOST_WAITING: Final = 1000
"""Asynchronous predictions that may wait; one more is refused."""

UNCLAIMED_SECONDS: Final = 3600
"""Bytes that came for a record that was never written are taken away after so long."""

SWEPT_AT_ONCE: Final = 1000


def folder(prediction_id: str) -> str:
    """Where all bytes of a prediction are."""
    return f"predictions/{prediction_id}/"


def body_path(prediction_id: str) -> str:
    """Where the body is that came with it."""
    return f"{folder(prediction_id)}body"


def result_path(prediction_id: str, token: int, result_format: Format) -> str:
    """Where its result is: no two attempts write to the same place."""
    return f"{folder(prediction_id)}{token:06}.{result_format}"


def let_go(blobs: Blobs, usage: Usage, prediction_id: str) -> None:
    """Keep no bytes of a prediction; nobody is charged for them any more."""
    blobs.delete_folder(folder(prediction_id))
    usage.discharge(prediction_id)


@dataclass(frozen=True)
class Prediction(BaseRecord):
    """An asynchronous prediction as its record tells it.

    `asked` says of a body how it is read: `form`, `about` and `created_at` (`prediction_queue.Request`); of a whole
    data set which one, in `dataset` and `split`. `result` is where the answer is kept, in the format `format`.
    """

    model_id: str
    format: Format
    asked: dict[str, Any]
    rows: int | None
    notes: list[dict[str, Any]]
    result: str | None

    @property
    def dataset(self) -> str | None:
        """The data set whose rows are predicted; None: they came in a body."""
        return self.asked.get("dataset")

    @property
    def split(self) -> str | None:
        """The part of that data set."""
        return self.asked.get("split")

    @classmethod
    def own_fields(cls, record: Hash) -> dict[str, Any]:
        """The fields of this kind alone, by name."""
        return {
            "model_id": record["model"].decode(),
            "format": cast(Format, record["format"].decode()),
            "asked": records.json(record, "asked"),
            "rows": records.json(record, "rows"),
            "notes": records.json(record, "notes") or [],
            "result": records.text(record, "result"),
        }


class Predictions(RecordStore[Prediction]):
    """All asynchronous predictions."""

    def __init__(self, redis: Redis, metrics: Metrics, *, retention_seconds: int, replicas: int = 0) -> None:
        super().__init__(
            redis,
            metrics,
            keys.PREDICTION,
            Prediction.from_hash,
            retention_seconds=retention_seconds,
            replicas=replicas,
        )

    def check_room(self) -> None:
        """Raise QueueFullError where one more could not wait: before its body is written."""
        self.check_queue(MOST_WAITING)

    def note(self, prediction_id: str) -> None:
        """Bytes of this prediction are about to be written."""
        self._redis.zadd(keys.PREDICTION_FOLDERS, {prediction_id: self.now()})

    def create(self, prediction_id: str, model_id: str, result_format: Format, asked: Mapping[str, Any]) -> Prediction:
        """Write the record of a prediction whose body, if it has one, is whole.

        Raises:
            QueueFullError: as many wait as may.

        """
        record: dict[str, str | bytes] = {"model": model_id, "format": result_format, "asked": orjson.dumps(asked)}
        prediction, _ = self.add(record, identifier=prediction_id, most_queued=MOST_WAITING)
        return prediction

    def finish(
        self, claim: Claim[Prediction], *, rows: int, result: str, notes: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        """Say where the answer is, and what was read otherwise than it stood.

        Raises:
            LeaseLostError: the write was refused.

        """
        self.end(
            claim,
            "succeeded",
            record={"rows": orjson.dumps(rows), "result": result, "notes": orjson.dumps(list(notes))},
        )

    def delete(self, prediction_id: str) -> None:
        """Take a record away, also of one that waits still; its bytes are the caller's to delete then.

        Raises:
            NotFoundError: there is no such prediction.
            InUseError: a worker is at it.

        """
        self.delete_record(prediction_id, unless=("running",))

    def sweep(self, blobs: Blobs, usage: Usage) -> None:
        """Take away the bytes of predictions whose record has expired, or was never written; the oldest first."""
        until = self.now() - UNCLAIMED_SECONDS * 1000
        noted: Any = self._redis.zrange(
            keys.PREDICTION_FOLDERS, "-inf", str(until), byscore=True, offset=0, num=SWEPT_AT_ONCE
        )
        pipeline = self._redis.pipeline(transaction=False)
        for identifier in noted:
            pipeline.exists(self._kind.record(identifier.decode()))
        for identifier, there in zip(noted, pipeline.execute(), strict=True):
            if not there:
                let_go(blobs, usage, identifier.decode())
                indices = [self._kind.index, *(self._kind.with_status(status) for status in STATUSES)]
                for index in (keys.PREDICTION_FOLDERS, *indices):
                    self._redis.zrem(index, identifier)
