"""The job's record, and the steps of its life that only a training has: progress, and the end on request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

import orjson
from redis import Redis

from worker.errors import NotFoundError
from worker.store import keys, records
from worker.store.base_record import BaseRecord
from worker.store.claim import Claim, NewModel
from worker.store.listing import NEWEST_FIRST, Order, Sought, figures_of, read_listing, text_of
from worker.store.maintenance import CHECKED_AT_ONCE
from worker.store.metrics import Metrics
from worker.store.record_store import RecordStore
from worker.store.records import Hash, Page
from worker.store.scripts import run
from worker.store.status import FINISHED, STATUSES, Status

__all__ = ["FINISHED", "STATUSES", "Claim", "Job", "Jobs", "NewModel", "Status"]


@dataclass(frozen=True)
class Job(BaseRecord):
    """A job as its record tells it."""

    token: int
    config: dict[str, Any]
    progress: dict[str, Any] | None
    metrics: dict[str, Any] | None
    model_id: str | None
    checkpoints: list[dict[str, Any]]
    """Where it can go on: path, hash, size, epoch, seconds; the newest first."""

    @property
    def dataset(self) -> str:
        """What it learns from."""
        return str(self.config["dataset"])

    @property
    def name(self) -> str | None:
        """What its sender calls it."""
        name: str | None = self.config["name"]
        return name

    @property
    def metadata(self) -> dict[str, str]:
        """What else its sender says of it."""
        metadata: dict[str, str] = self.config["metadata"]
        return metadata

    @classmethod
    def own_fields(cls, record: Hash) -> dict[str, Any]:
        """The fields of this kind alone, by name."""
        return {
            "token": int(record["token"]),
            "config": records.json(record, "config"),
            "progress": records.json(record, "progress"),
            "metrics": records.json(record, "metrics"),
            "model_id": records.text(record, "model_id"),
            "checkpoints": [
                orjson.loads(text) for name in ("checkpoint", "checkpoint_before") if (text := record.get(name))
            ],
        }


class Jobs(RecordStore[Job]):
    """All training jobs."""

    def __init__(
        self,
        redis: Redis,
        metrics: Metrics,
        *,
        retention_seconds: int,
        withdrawn_retention_seconds: int,
        replicas: int = 0,
    ) -> None:
        """`withdrawn_retention_seconds`: how long one is kept that was cancelled before any worker took it."""
        super().__init__(
            redis,
            metrics,
            keys.JOB,
            Job.from_hash,
            retention_seconds=retention_seconds,
            withdrawn_retention_seconds=withdrawn_retention_seconds,
            replicas=replicas,
        )

    def create(
        self,
        config: Mapping[str, Any],
        *,
        identifier: str | None = None,
        most_queued: int,
        idempotency_key: str | None = None,
        fingerprint: str = "",
        idempotency_seconds: int = 1,
    ) -> tuple[Job, bool]:
        """Write the record of a new job, or find the one that the same idempotency key made; see `RecordStore.add`."""
        return self.add(
            self.fields(config),
            identifier=identifier,
            most_queued=most_queued,
            idempotency_key=idempotency_key,
            fingerprint=fingerprint,
            idempotency_seconds=idempotency_seconds,
        )

    @staticmethod
    def fields(config: Mapping[str, Any]) -> dict[str, str | bytes]:
        """A new job's own fields.

        What it needs stands beside its config, for the scripts that delete data sets and models, and what it says of
        itself, for the one that finds jobs.
        """
        teacher = config.get("training", {}).get("teacher") or {}
        needed = {"dataset": config.get("dataset", ""), "teachers": " ".join(teacher.get("models", []))}
        return {"config": orjson.dumps(config), "text": text_of(config), **needed}

    def listing(
        self, sought: Sought, order: Order = NEWEST_FIRST, *, limit: int, after: str | None = None
    ) -> Page[Job]:
        """A page of the jobs that are sought, in an order; see `store/listing`.

        Raises:
            NotFoundError: `after` is no job of this order.

        """
        return read_listing(self._redis, self._kind, Job.from_hash, sought, order, limit=limit, after=after)

    def sort_in_older(self) -> int:
        """Have lists know of jobs that an earlier version wrote, and say how many those were."""
        older, start = 0, 0
        while members := self._redis.zrange(keys.JOB.index, start, start + CHECKED_AT_ONCE - 1):
            ids = [member.decode() for member in cast(list[bytes], members)]
            pipeline = self._redis.pipeline(transaction=False)
            for job_id in ids:
                pipeline.hmget(keys.JOB.record(job_id), "status", "text")
                pipeline.zscore(keys.JOB.by(keys.DURATION), job_id)
            answers = pipeline.execute()
            unknown = [
                job_id
                for job_id, (status, text), duration in zip(ids, answers[::2], answers[1::2], strict=True)
                if status and (text is None or (status == b"succeeded" and duration is None))
            ]
            older += sum(map(self._sort_in, unknown))
            start += CHECKED_AT_ONCE
        return older

    def _sort_in(self, job_id: str) -> bool:
        try:
            job = self.get(job_id)
        except NotFoundError:
            return False
        figures: dict[str, float | str] = {}
        if job.status == "succeeded" and job.started_at and job.finished_at:
            taken = (job.finished_at - job.started_at).total_seconds()
            figures = figures_of(job.metrics or {}) | {keys.DURATION: taken}
        own_keys = [keys.JOB.record(job_id), *map(keys.JOB.by, figures)]
        text, dataset = text_of(job.config), job.config.get("dataset", "")
        return bool(run(self._redis, "sort_in", own_keys, job_id, text, dataset, *figures.values()))

    def report(
        self,
        claim: Claim[Job],
        progress: Mapping[str, Any],
        metrics: Mapping[str, Any],
        event: Mapping[str, Any] | None = None,
        checkpoint: Mapping[str, Any] | None = None,
    ) -> None:
        """Write how far the job is, and where it can go on; `event` tells it to those who follow (an epoch's end).

        Raises:
            LeaseLostError: the write was refused.

        """
        if not run(
            self._redis,
            "report",
            [keys.JOB.record(claim.record.id), keys.JOB.events(claim.record.id)],
            claim.token,
            orjson.dumps(progress),
            orjson.dumps(metrics),
            orjson.dumps(event) if event is not None else "",
            event["epoch"] if event else 0,
            orjson.dumps(checkpoint) if checkpoint is not None else "",
        ):
            raise self._stale(claim)
        if event is not None:
            self._metrics.training_epochs.inc()

    def finish(
        self,
        claim: Claim[Job],
        status: Literal["succeeded", "failed", "cancelled"],
        *,
        metrics: Mapping[str, Any] | None = None,
        error: Mapping[str, str] | None = None,
        model: NewModel | None = None,
    ) -> Status:
        """End the job; with `model`, write the model's record in the same step; see `RecordStore.end`."""
        record = {"metrics": orjson.dumps(metrics)} if metrics is not None else {}
        return self.end(claim, status, record=record, error=error, model=model, figures=figures_of(metrics or {}))

    def delete(self, job_id: str) -> None:
        """Take the record of a job away that has ended. Its model stays.

        Raises:
            NotFoundError: there is no such job.
            InUseError: it waits, or runs.

        """
        self.delete_record(job_id, unless=("queued", "running"))
