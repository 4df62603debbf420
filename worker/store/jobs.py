"""The job's record and each step of its life. The record is the truth; a message is only a wake-up."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, Self, cast

import orjson
from redis import Redis

from worker.errors import IdempotencyConflictError, LeaseLostError, NotFoundError, QueueFullError
from worker.store import keys, records
from worker.store.records import Hash, Page
from worker.store.scripts import run

Status = Literal["queued", "running", "succeeded", "failed", "cancelled"]
STATUSES: Final[tuple[Status, ...]] = ("queued", "running", "succeeded", "failed", "cancelled")
FINISHED: Final = frozenset({"succeeded", "failed", "cancelled"})


@dataclass(frozen=True)
class Job:
    """A job as its record tells it."""

    id: str
    status: Status
    revision: int
    attempt: int
    token: int
    config: dict[str, Any]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested_at: datetime | None
    progress: dict[str, Any] | None
    metrics: dict[str, Any] | None
    model_id: str | None
    error: dict[str, str] | None

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
            token=int(record["token"]),
            config=records.json(record, "config"),
            created_at=records.utc(record["created_at"]),
            started_at=records.moment(record, "started_at"),
            finished_at=records.moment(record, "finished_at"),
            cancel_requested_at=records.moment(record, "cancel_requested_at"),
            progress=records.json(record, "progress"),
            metrics=records.json(record, "metrics"),
            model_id=records.text(record, "model_id"),
            error=records.json(record, "error"),
        )


@dataclass(frozen=True)
class Claim:
    """The right to run a job: every later write carries its token, and a stale one is refused."""

    job: Job
    token: int


@dataclass(frozen=True)
class NewModel:
    """The model that a job made: its ID, and what its record will hold."""

    id: str
    record: Mapping[str, str]


class Jobs:
    """All jobs. Each method that changes one is one Lua script (`store/scripts`), so it happens whole or not at all."""

    def __init__(self, redis: Redis, *, retention_seconds: int) -> None:
        self._redis = redis
        self._retention = retention_seconds * 1000

    def create(
        self,
        config: Mapping[str, Any],
        *,
        most_queued: int,
        idempotency_key: str | None = None,
        fingerprint: str = "",
        idempotency_seconds: int = 1,
    ) -> tuple[Job, bool]:
        """Write the record of a new job, or find the one that the same idempotency key made.

        Args:
            fingerprint: hash of the request that asks for it, compared when `idempotency_key` comes again

        Returns:
            The job, and whether it is new.

        Raises:
            QueueFullError: `most_queued` jobs wait already.
            IdempotencyConflictError: the key was used with another fingerprint.

        """
        job_id = records.new_id("job")
        key_hash = hashlib.sha256((idempotency_key or "").encode()).hexdigest()
        outcome, *values = run(
            self._redis,
            "create",
            [
                keys.job(job_id),
                keys.JOBS,
                keys.jobs_with_status("queued"),
                keys.JOB_SEQUENCE,
                keys.UNSENT,
                keys.events(job_id),
                keys.idempotency(key_hash),
            ],
            job_id,
            most_queued,
            fingerprint if idempotency_key is not None else "",
            idempotency_seconds * 1000,
            "config",
            orjson.dumps(config),
        )
        if outcome == b"full":
            raise QueueFullError(f"{values[0]} jobs wait already; at most {most_queued} may")
        if outcome == b"conflict":
            raise IdempotencyConflictError("this Idempotency-Key was used with another body")
        return self.get(values[0].decode()), outcome == b"created"

    def get(self, job_id: str) -> Job:
        """Read one job.

        Raises:
            NotFoundError: there is no such record.

        """
        answer = self._redis.hgetall(keys.job(job_id))
        if not answer:
            raise NotFoundError("job", job_id)
        return Job.from_hash(records.decode(answer))

    def page(self, *, limit: int, after: str | None = None, status: Status | None = None) -> Page[Job]:
        """Jobs, newest first; `status` keeps those in one state."""
        index = keys.JOBS if status is None else keys.jobs_with_status(status)
        return records.read_page(
            self._redis, index, "job", keys.job, Job.from_hash, limit=limit, after=after, places=keys.JOBS
        )

    def claim(self, job_id: str, owner: str, lease_ms: int) -> Claim | None:
        """Become the owner of a queued job; None when it is not there to be claimed (run, ended, or never was)."""
        token = run(
            self._redis,
            "claim",
            [
                keys.job(job_id),
                keys.jobs_with_status("queued"),
                keys.jobs_with_status("running"),
                keys.LEASES,
                keys.UNSENT,
                keys.events(job_id),
            ],
            job_id,
            owner,
            lease_ms,
        )
        return None if token is None else Claim(self.get(job_id), token)

    def renew(self, claim: Claim, lease_ms: int) -> bool:
        """Say that the owner lives. True: someone asked for the job's end.

        Raises:
            LeaseLostError: the job has another owner, or none, by now.

        """
        answer = run(self._redis, "renew", [keys.job(claim.job.id), keys.LEASES], claim.job.id, claim.token, lease_ms)
        if answer == b"lost":
            raise LeaseLostError(f"job {claim.job.id}: token {claim.token} is stale")
        return bool(answer == b"cancel")

    def report(
        self,
        claim: Claim,
        progress: Mapping[str, Any],
        metrics: Mapping[str, Any],
        event: Mapping[str, Any] | None = None,
    ) -> None:
        """Write how far the job is; `event` tells it to those who follow (the end of an epoch).

        Raises:
            LeaseLostError: the write was refused.

        """
        if not run(
            self._redis,
            "report",
            [keys.job(claim.job.id), keys.events(claim.job.id)],
            claim.token,
            orjson.dumps(progress),
            orjson.dumps(metrics),
            orjson.dumps(event) if event is not None else "",
        ):
            raise LeaseLostError(f"job {claim.job.id}: token {claim.token} is stale")

    def finish(
        self,
        claim: Claim,
        status: Literal["succeeded", "failed", "cancelled"],
        *,
        metrics: Mapping[str, Any] | None = None,
        error: Mapping[str, str] | None = None,
        model: NewModel | None = None,
    ) -> Status:
        """End the job; with `model`, write the model's record in the same step.

        Returns:
            The status that stands: 'cancelled' in place of 'succeeded' when a cancel came first (no model is written).

        Raises:
            LeaseLostError: the write was refused.

        """
        fields = [part for pair in model.record.items() for part in pair] if model else []
        answer = run(
            self._redis,
            "finish",
            [
                keys.job(claim.job.id),
                keys.events(claim.job.id),
                keys.LEASES,
                keys.jobs_with_status("running"),
                keys.jobs_with_status(status),
                keys.jobs_with_status("cancelled"),
                keys.model(model.id if model else ""),
                keys.MODELS,
                keys.MODEL_SEQUENCE,
            ],
            claim.job.id,
            claim.token,
            status,
            orjson.dumps(metrics) if metrics is not None else "",
            orjson.dumps(error) if error is not None else "",
            self._retention,
            model.id if model else "",
            *fields,
        )
        if answer is None:
            raise LeaseLostError(f"job {claim.job.id}: token {claim.token} is stale")
        return cast(Status, answer.decode())

    def cancel(self, job_id: str) -> Job:
        """Ask for a job's end; a finished one comes back unchanged.

        Raises:
            NotFoundError: there is no such job.

        """
        run(
            self._redis,
            "cancel",
            [
                keys.job(job_id),
                keys.events(job_id),
                keys.jobs_with_status("queued"),
                keys.jobs_with_status("cancelled"),
                keys.UNSENT,
            ],
            job_id,
            self._retention,
        )
        return self.get(job_id)

    def release(self, claim: Claim) -> None:
        """Put a running job back, because its worker shuts down.

        Raises:
            LeaseLostError: the write was refused.

        """
        if not run(
            self._redis,
            "release",
            [
                keys.job(claim.job.id),
                keys.events(claim.job.id),
                keys.LEASES,
                keys.jobs_with_status("running"),
                keys.jobs_with_status("queued"),
                keys.UNSENT,
            ],
            claim.job.id,
            claim.token,
        ):
            raise LeaseLostError(f"job {claim.job.id}: token {claim.token} is stale")

    def expire(self, *, most_attempts: int) -> list[tuple[str, Status]]:
        """Take every job whose lease has ended from its owner. Gives each with the status that now stands."""
        seconds, microseconds = self._redis.time()
        candidates: Any = self._redis.zrangebyscore(keys.LEASES, "-inf", seconds * 1000 + microseconds // 1000)
        taken: list[tuple[str, Status]] = []
        for job_id in map(bytes.decode, candidates):
            answer = run(
                self._redis,
                "expire",
                [
                    keys.job(job_id),
                    keys.events(job_id),
                    keys.LEASES,
                    keys.jobs_with_status("running"),
                    keys.jobs_with_status("queued"),
                    keys.UNSENT,
                    keys.jobs_with_status("failed"),
                    keys.jobs_with_status("cancelled"),
                ],
                job_id,
                most_attempts,
                self._retention,
            )
            if answer is not None:
                taken.append((job_id, cast(Status, answer.decode())))
        return taken

    def unsent(self, *, older_than_seconds: float) -> list[str]:
        """Queued jobs whose wake-up is not known to be sent, and should have been by now."""
        seconds, microseconds = self._redis.time()
        limit = seconds * 1000 + microseconds // 1000 - int(older_than_seconds * 1000)
        members: Any = self._redis.zrangebyscore(keys.UNSENT, "-inf", limit)
        return [job_id.decode() for job_id in members]

    def mark_sent(self, job_ids: Iterable[str]) -> None:
        """Note that the wake-ups of these jobs were sent."""
        members = list(job_ids)
        if members:
            self._redis.zrem(keys.UNSENT, *members)
