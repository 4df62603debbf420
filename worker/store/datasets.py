"""The data set's record: what was uploaded, how far its reading is, and what it turned out to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson
from redis import Redis

from worker.errors import InUseError, NotFoundError, NotKeptError, RecordTooLargeError
from worker.store import keys, records
from worker.store.base_record import BaseRecord
from worker.store.claim import Claim
from worker.store.metrics import Metrics
from worker.store.record_store import RecordStore
from worker.store.records import Hash
from worker.store.scripts import run
from worker.store.status import Status
from worker.store.uploads import UploadedFile

State = Literal["processing", "ready", "failed"]

STATES: Final[dict[Status, State]] = {
    "queued": "processing",
    "running": "processing",
    "succeeded": "ready",
    "failed": "failed",
    "cancelled": "failed",
}
"""What each step of the life is called for those who wait for the data."""

MAX_ABOUT_BYTES: Final = 2 << 20
"""Of what a record says of a data set. `nn.data.names` bounds what makes it long, so no file comes near."""

MOST_WAITING: Final = 100
"""Uploads that may wait to be read; one more is refused."""


@dataclass(frozen=True)
class Dataset(BaseRecord):
    """A data set as its record tells it. `about` is there when it is ready: what was found in the file.

    `files` lie under the ID `upload`: its own, or that of the data set with which they came. They are kept as long as a
    data set is that reads from them (`keeps_upload`); version 0.1.0 deleted them when they had been read.
    """

    spec: dict[str, Any]
    files: tuple[UploadedFile, ...]
    upload: str
    keeps_upload: bool
    about: dict[str, Any] | None

    @property
    def state(self) -> State:
        """How far it is, for those who wait for the data."""
        return STATES[self.status]

    @property
    def name(self) -> str | None:
        """What it is called: as its sender said, or as the file is."""
        return self.spec["name"] or self.files[0].filename

    @property
    def blob(self) -> str | None:
        """Where its arrays are kept; None while there are none, and for rows that are to be predicted."""
        return None if self.about is None else self.about["blob"]

    @classmethod
    def own_fields(cls, record: Hash) -> dict[str, Any]:
        """The fields of this kind alone, by name."""
        return {
            "spec": records.json(record, "spec"),
            "files": tuple(UploadedFile(**file) for file in records.json(record, "files")),
            "upload": (record.get("upload") or record["id"]).decode(),
            "keeps_upload": "upload" in record,
            "about": records.json(record, "about"),
        }


class Datasets(RecordStore[Dataset]):
    """All uploaded data sets. They are kept until they are deleted."""

    def __init__(self, redis: Redis, metrics: Metrics, *, replicas: int = 0) -> None:
        super().__init__(redis, metrics, keys.DATASET, Dataset.from_hash, replicas=replicas)

    def check_room(self) -> None:
        """Raise QueueFullError where one more could not wait: before its files come."""
        self.check_queue(MOST_WAITING)

    def create(self, identifier: str, spec: dict[str, Any], files: Sequence[UploadedFile]) -> Dataset:
        """Write the record of an upload that is whole.

        Raises:
            QueueFullError: as many wait to be read as may.

        """
        return self._create(identifier, identifier, spec, files)

    def create_from(self, source: Dataset, identifier: str, spec: dict[str, Any]) -> Dataset:
        """Write the record of a data set that reads the files of another one, which may itself be read still.

        Raises:
            NotKeptError: they are not kept.
            QueueFullError: as many wait to be read as may.

        """
        gone = f"the original of the data set {source.id!r} is not kept: upload the file again"
        if not source.keeps_upload:
            raise NotKeptError(gone)
        try:
            return self._create(identifier, source.upload, spec, source.files)
        except NotKeptError:
            raise NotKeptError(gone) from None

    def _create(self, identifier: str, upload: str, spec: dict[str, Any], files: Sequence[UploadedFile]) -> Dataset:
        record: dict[str, str | bytes] = {
            "spec": orjson.dumps(spec),
            "files": orjson.dumps([file.as_dict() for file in files]),
            "upload": upload,
        }
        dataset, _ = self.add(
            record,
            identifier=identifier,
            most_queued=MOST_WAITING,
            shares=keys.upload_users(upload),
            with_others=upload != identifier,
        )
        return dataset

    def is_read_from(self, upload: str) -> bool:
        """Whether a data set was read from the files of this upload, or waits to be."""
        return bool(self._redis.exists(keys.upload_users(upload)))

    def ready(self, claim: Claim[Dataset], about: dict[str, Any]) -> None:
        """Say what was found: the data can be used from now on.

        Raises:
            RecordTooLargeError: it is more than a record may hold.
            LeaseLostError: the write was refused.

        """
        record = orjson.dumps(about)
        if len(record) > MAX_ABOUT_BYTES:
            raise RecordTooLargeError("data set", len(record), MAX_ABOUT_BYTES)
        self.end(claim, "succeeded", record={"about": record})

    def fail(self, claim: Claim[Dataset], code: str, message: str) -> None:
        """Say why the data cannot be used.

        Raises:
            LeaseLostError: the write was refused.

        """
        self.end(claim, "failed", error={"code": code, "message": message})

    def delete(self, identifier: str) -> tuple[Dataset, bool]:
        """Take a record away; what it kept in the blob store is the caller's to delete then.

        Returns:
            The data set, and whether it was the last that reads from its upload: no other can from then on.

        Raises:
            NotFoundError: there is no such record.
            InUseError: a job waits to train on it, or does.

        """
        dataset, kind = self.get(identifier), self._kind
        outcome, *values = run(
            self._redis,
            "delete_dataset",
            [
                kind.record(identifier),
                kind.events(identifier),
                keys.upload_users(dataset.upload),
                kind.index,
                kind.leases,
                *(kind.with_status(status) for status in STATES),
                keys.JOB.with_status("queued"),
                keys.JOB.with_status("running"),
            ],
            identifier,
            keys.JOB.record(""),
        )
        if outcome == b"missing":
            raise NotFoundError(kind.noun, identifier)
        if outcome == b"in use":
            raise InUseError(f"the job {values[0].decode()!r} trains on this data set; cancel it, or wait for its end")
        return dataset, bool(values[0])
