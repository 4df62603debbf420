"""Maintenance of records by processes that do not own them: take back expired leases, and clean up."""

from typing import Any, Final, Literal, cast

import orjson
from redis import Redis

from worker.errors import WorkerLostError
from worker.store.metrics import Metrics
from worker.store.scripts import run
from worker.work.kind import Kind

Status = Literal["queued", "running", "waiting", "succeeded", "failed", "cancelled"]
STATUSES: Final[tuple[Status, ...]] = ("queued", "running", "succeeded", "failed", "cancelled")
WAITING: Final[Status] = "waiting"
"""Of a record that waits for its children; jobs, data sets and predictions never do."""
FINISHED: Final = frozenset({"succeeded", "failed", "cancelled"})

CHECKED_AT_ONCE: Final = 1000


def statuses_of(kind: Kind) -> tuple[Status, ...]:
    """The states in which a record of this kind can be: only work that a function runs waits for children."""
    return (*STATUSES, WAITING) if kind.run else STATUSES


class RecordMaintenance:
    """Over all records of one kind; the other half of their life is `store/life`."""

    def __init__(self, redis: Redis, metrics: Metrics, kind: Kind, *, retention_ms: int) -> None:
        self._redis = redis
        self._metrics = metrics
        self._kind = kind
        self._retention = retention_ms

    def leases(self) -> dict[str, float]:
        """When the lease of each running one ends, in milliseconds of Redis's own clock."""
        answer: Any = self._redis.zrange(self._kind.leases, 0, -1, withscores=True)
        return {identifier.decode(): ends for identifier, ends in answer}

    def owners(self) -> dict[str, tuple[str, int]]:
        """Owner and token of each running one."""
        identifiers = list(self.leases())
        pipeline = self._redis.pipeline(transaction=False)
        for identifier in identifiers:
            pipeline.hmget(self._kind.record(identifier), "owner", "token")
        answers = zip(identifiers, pipeline.execute(), strict=True)
        return {identifier: (owner.decode(), int(token)) for identifier, (owner, token) in answers if owner and token}

    def waiting(self) -> int:
        """How many wait."""
        return int(self._redis.zcard(self._kind.with_status("queued")))

    def waiting_since(self) -> int | None:
        """When the one that waits longest was made, in milliseconds of Redis's own clock; None: none waits."""
        first: Any = self._redis.zrange(self._kind.with_status("queued"), 0, 0)
        made: Any = self._redis.hget(self._kind.record(first[0].decode()), "created_at") if first else None
        return None if made is None else int(made)

    def now(self) -> int:
        """Milliseconds of Redis's own clock."""
        seconds, microseconds = self._redis.time()
        return int(seconds) * 1000 + int(microseconds) // 1000

    def holds(self, identifier: str, token: int) -> bool:
        """Whether the owner with this token still has the job."""
        status, current = self._redis.hmget(self._kind.record(identifier), "status", "token")
        return bool(status == b"running" and current is not None and int(current) == token)

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
