"""All that neurond keeps: records in Redis, bytes in a blob store."""

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any, Self

from redis import Redis

from worker.settings import Settings
from worker.store import keys
from worker.store.aliases import Aliases
from worker.store.blobs import Blobs, Run, direct, model_path
from worker.store.connection import FEW_CONNECTIONS, connect
from worker.store.datasets import Datasets
from worker.store.events import Events
from worker.store.health import Health
from worker.store.jobs import Jobs
from worker.store.memory_guard import MemoryGuard
from worker.store.metrics import Metrics
from worker.store.models import Models
from worker.store.pending_blobs import PendingBlobs
from worker.store.prediction_queue import PredictionQueue
from worker.store.predictions import Predictions
from worker.store.queue_position import QueuePositions
from worker.store.rate_limit import RateLimit
from worker.store.record_store import RecordStore
from worker.store.refcounted_blobs import RefcountedBlobs
from worker.store.samples import StoredSamples
from worker.store.space import Space
from worker.store.uploads import delete_upload, imported_as
from worker.store.usage import Usage, upload_of
from worker.store.work_records import WorkRecord, WorkRecords
from worker.store.workers import Workers
from worker.work import KINDS, kind_of
from worker.work.kind import Kind


class Store:
    """The rooms of the store over one Redis client and one blob store."""

    def __init__(
        self,
        redis: Redis,
        settings: Settings,
        *,
        exchange: Redis | None = None,
        health: Redis | None = None,
        run: Run = direct,
    ) -> None:
        """`exchange` is the Redis of the prediction queue, when it is not that of the records; `run` is for `Blobs`.

        `health` reaches the Redis of the records over connections that only health checks use.
        """
        self.redis = redis
        self.prediction_queue = PredictionQueue.over(exchange or redis, settings)
        self._blob_url = settings.blob_url
        self._run = run
        self.metrics = Metrics(redis)
        replicas = settings.redis_replicas
        self.jobs = Jobs(
            redis,
            self.metrics,
            retention_seconds=settings.job_retention_seconds,
            withdrawn_retention_seconds=settings.withdrawn_retention_seconds,
            replicas=replicas,
        )
        self.events = Events(redis)
        self.datasets = Datasets(redis, self.metrics, replicas=replicas)
        self.predictions = Predictions(
            redis, self.metrics, retention_seconds=settings.prediction_retention_seconds, replicas=replicas
        )
        self._records: dict[str, RecordStore[Any]] = {
            keys.JOB.prefix: self.jobs,
            keys.DATASET.prefix: self.datasets,
            keys.PREDICTION.prefix: self.predictions,
        }
        shortly = settings.withdrawn_retention_seconds
        for kind in KINDS.values():
            if kind.run:
                self._records[kind.prefix] = WorkRecords(
                    redis,
                    self.metrics,
                    kind,
                    WorkRecord.from_hash,
                    retention_seconds=shortly if kind.awaited else settings.job_retention_seconds,
                    withdrawn_retention_seconds=shortly,
                    replicas=replicas,
                )
        self.models = Models(redis)
        self.aliases = Aliases(redis, replicas=replicas)
        self.pending_blobs = PendingBlobs(redis)
        self.workers = Workers(redis, self.jobs)
        self.health = Health(health or redis, Workers(health or redis, self.jobs))
        self.queue_positions = QueuePositions(redis)
        self.rate_limit = RateLimit(redis, a_minute=settings.rate_limit)
        self.memory_guard = MemoryGuard(redis)
        self.usage = Usage(redis, most_bytes=settings.max_kept_bytes)
        self.space = Space(lambda: self.blobs, least_free=settings.min_free_bytes)

    @property
    def all_records(self) -> Collection[RecordStore[Any]]:
        """All that workers run and records tell of."""
        return self._records.values()

    def records(self, kind: Kind) -> RecordStore[Any]:
        """The records of this kind."""
        return self._records[kind.prefix]

    def records_of(self, identifier: str) -> RecordStore[Any]:
        """Those among which this ID is."""
        return self.records(kind_of(identifier))

    def get_all(self, identifiers: Sequence[str]) -> list[Any]:
        """The records of these IDs, whatever their kinds, in one round trip.

        Raises:
            NotFoundError: one of them is not there.

        """
        pipeline = self.redis.pipeline(transaction=False)
        for identifier in identifiers:
            pipeline.hgetall(kind_of(identifier).record(identifier))
        answers = zip(identifiers, pipeline.execute(), strict=True)
        return [self.records_of(identifier).parse(identifier, answer) for identifier, answer in answers]

    def let_go_upload(self, identifier: str) -> None:
        """Keep nothing of an upload, nor weights that its import left without a record; nobody is charged for them."""
        model_id = imported_as(identifier)
        if not self.models.exists(model_id):
            self.blobs.delete(model_path(model_id))
            self.usage.discharge(model_id)
        delete_upload(self.blobs, identifier)
        self.usage.discharge(upload_of(identifier))

    @classmethod
    def open(cls, settings: Settings, run: Run = direct) -> Self:
        """The store that the settings name. Nothing is connected or made before it is used."""
        exchange = connect(settings.exchange_url) if settings.exchange_url else None
        health = connect(settings.redis_url, max_connections=FEW_CONNECTIONS)
        return cls(connect(settings.redis_url), settings, exchange=exchange, health=health, run=run)

    @cached_property
    def blobs(self) -> Blobs:
        """The blob store, opened when it is first used."""
        return Blobs(self._blob_url, self._run)

    @cached_property
    def shared_blobs(self) -> RefcountedBlobs:
        """The blobs that several records may use."""
        return RefcountedBlobs(self.redis, self.blobs)

    @cached_property
    def samples(self) -> StoredSamples:
        """Rows of uploaded data sets."""
        return StoredSamples(self.blobs)
