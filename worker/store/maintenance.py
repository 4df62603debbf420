"""Maintenance of records by processes that do not own them: take back expired leases, and clean up."""

from collections.abc import Callable
from typing import Any, Final, cast

import orjson
from redis import Redis

from worker.errors import WorkerLostError
from worker.store.claim import Record
from worker.store.metrics import Metrics
from worker.store.record_reader import RecordReader
from worker.store.records import Hash
from worker.store.scripts import run
from worker.store.status import FINISHED, Status
from worker.work.kind import Kind

CHECKED_AT_ONCE: Final = 1000


class RecordMaintenance(RecordReader[Record]):
    """Over all records of one kind; what their owners do is in `RecordStore`."""

    def __init__(
        self, redis: Redis, metrics: Metrics, kind: Kind, parse: Callable[[Hash], Record], *, retention_ms: int
    ) -> None:
        super().__init__(redis, kind, parse)
        self._metrics = metrics
        self._retention = retention_ms

    def take_expired(self, identifier: str, *, ends: float, most_attempts: int) -> Status | None:
        """Take a job from an owner who did not renew the lease that was to end at `ends`.

        Returns:
            The status that now stands; None: the owner has renewed it, or the job has another one.

        """
        return self._take(identifier, "lease", ends, "its worker was silent for too long", [], most_attempts)

    def take_lost(
        self, identifier: str, *, token: int, reason: str, log: list[str], most_attempts: int
    ) -> Status | None:
        """Take a job from an owner who is known to have died: `reason` says how, `log` has its last lines.

        Returns:
            The status that now stands; None: the job has another owner by now, or had ended.

        """
        return self._take(identifier, "token", token, reason, log, most_attempts)

    def _take(
        self, identifier: str, proof: str, value: float, reason: str, log: list[str], most_attempts: int
    ) -> Status | None:
        kind = self._kind
        message = f"{reason}, in the last of {most_attempts} attempts"
        answer = run(
            self._redis,
            "expire",
            [
                kind.record(identifier),
                kind.events(identifier),
                kind.leases,
                kind.with_status("running"),
                kind.with_status("queued"),
                kind.with_status("failed"),
                kind.with_status("cancelled"),
            ],
            identifier,
            most_attempts,
            self._retention,
            proof,
            value,
            orjson.dumps({"reason": reason}),
            orjson.dumps({"code": WorkerLostError.code, "message": message, "log": log}),
        )
        if answer is None:
            return None
        self._metrics.attempts_ended.labels(kind.plural, "lost").inc()
        return cast(Status, answer.decode())

    def forget_expired(self) -> int:
        """Take out of the indexes what has expired, and say how many. The oldest go first: only they are looked at."""
        kind, forgotten = self._kind, 0
        for index in map(kind.with_status, sorted(FINISHED)):
            while True:
                members: Any = self._redis.zrange(index, 0, CHECKED_AT_ONCE - 1)
                pipeline = self._redis.pipeline(transaction=False)
                for member in members:
                    pipeline.exists(kind.record(member.decode()))
                there = pipeline.execute() if members else []
                gone = [member for member, exists in zip(members, there, strict=True) if not exists]
                if not gone:
                    break
                for place in (index, kind.index, *map(kind.by, kind.figures)):
                    self._redis.zrem(place, *gone)
                forgotten += len(gone)
        return forgotten
