"""Which workers are there: each signs a sorted set again and again while it lives."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from redis import Redis

from worker.store import keys
from worker.store.record_reader import RecordReader

SEEN_SECONDS = 10.0
"""Time since its last sign after which a worker counts as gone."""


@dataclass(frozen=True)
class Worker:
    """A worker that was seen lately."""

    name: str
    queue: str
    silent_seconds: float
    threads: int | None
    """BLAS threads that its matrix products may take; None: it did not say."""
    job_ids: list[str]
    """The jobs that it runs now."""


class Workers:
    """The workers seen on each queue. Times are Redis's own: hosts need not agree on the hour."""

    def __init__(self, redis: Redis, jobs: RecordReader[Any]) -> None:
        self._redis = redis
        self._jobs = jobs

    def sign(self, queue: str, name: str, *, threads: int | None = None) -> None:
        """Say that `name` works on `queue`, and forget those long silent."""
        now = self._now()
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.zadd(keys.workers(queue), {name: now})
        pipeline.zremrangebyscore(keys.workers(queue), "-inf", now - SEEN_SECONDS)
        pipeline.set(keys.worker(name), orjson.dumps({"threads": threads}), px=int(2 * SEEN_SECONDS * 1000))
        pipeline.execute()

    def sign_off(self, queue: str, name: str) -> None:
        """Say that `name` works on `queue` no more."""
        self._redis.zrem(keys.workers(queue), name)
        self._redis.delete(keys.worker(name))

    def signatures(self, queue: str) -> dict[str, float]:
        """When each worker signed `queue` last, in seconds of Redis's own clock."""
        members: Any = self._redis.zrange(keys.workers(queue), 0, -1, withscores=True)
        return {member.decode(): signed for member, signed in members}

    def names(self, queue: str) -> list[str]:
        """The workers that signed `queue` lately."""
        members: Any = self._redis.zrangebyscore(keys.workers(queue), self._now() - SEEN_SECONDS, "+inf")
        return [member.decode() for member in members]

    def seen(self, queues: Iterable[str]) -> list[Worker]:
        """The workers that signed any of `queues` lately, with what each runs."""
        now = self._now()
        running = self._jobs.owners()
        found = []
        for queue in queues:
            members: Any = self._redis.zrangebyscore(keys.workers(queue), now - SEEN_SECONDS, "+inf", withscores=True)
            for member, signed in members:
                name = member.decode()
                said: Any = self._redis.get(keys.worker(name))
                jobs = [job_id for job_id, (owner, _) in running.items() if worker_of(owner) == name]
                threads = orjson.loads(said)["threads"] if said else None
                found.append(Worker(name, queue, round(max(now - signed, 0.0), 1), threads, jobs))
        return found

    def _now(self) -> float:
        seconds, microseconds = self._redis.time()
        return float(seconds + microseconds / 1e6)


def name_of(place: str, nonce: str) -> str:
    """The name of one start of the worker that is to work at `place` (`name@host`): no two starts have the same one."""
    label, _, host = place.rpartition("@")
    return f"{label}~{nonce}@{host}"


def place_of(worker: str) -> str:
    """Where a worker works: the same for the one that is started again after it, or beside it under the same name."""
    label, _, host = worker.rpartition("@")
    return f"{label.partition('~')[0]}@{host}"


def owner_of(worker: str, pid: int) -> str:
    """The owner of a claim that a worker's child process makes."""
    return f"{worker}:{pid}"


def worker_of(owner: str) -> str:
    """The worker whose child process made a claim."""
    return owner.rpartition(":")[0]


def pid_of(owner: str) -> int:
    """The process that made a claim, in its worker's own namespace; in another it may be anybody."""
    return int(owner.rpartition(":")[2])
