"""How much there is of everything: records by state, models, workers, and Redis's own memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from redis import Redis

from worker.store import keys
from worker.store.status import Status, statuses_of
from worker.store.workers import SEEN_SECONDS
from worker.work import KINDS

MOST_READ: Final = 100
"""Running jobs whose records are read; there are no more than workers."""


@dataclass(frozen=True)
class Server:
    """How a Redis fares. Sizes are in bytes."""

    memory_used: int
    memory_limit: int
    """0: it may take all that the machine has."""
    clients: int
    durable: bool
    """Whether the last write to its append-only file went well, or there is none."""

    @classmethod
    def of(cls, info: Mapping[str, Any]) -> Self:
        """Read Redis's own account, `INFO`."""
        return cls(
            memory_used=int(info["used_memory"]),
            memory_limit=int(info["maxmemory"]),
            clients=int(info["connected_clients"]),
            durable=info.get("aof_last_write_status", "ok") == "ok",
        )


@dataclass(frozen=True)
class Stats:
    """What stood in Redis at one moment. Ages are in seconds."""

    records: Mapping[str, Mapping[Status, int]]
    """By kind and state, those that are kept."""
    models: int
    oldest_queued: float
    """Age of the job that has waited longest; 0 when none waits."""
    at_risk: float
    """Of the running jobs, the longest time since its last checkpoint, or since its claim: what a crash would cost."""
    silence: Mapping[str, list[float]]
    """By queue: for how long each of its workers has not signed."""
    server: Server


def read_stats(redis: Redis, queues: tuple[str, ...]) -> Stats:
    """Count, in a few round trips, whatever there is.

    Raises:
        RedisError: Redis cannot be reached.
    """
    pipeline = redis.pipeline(transaction=False)
    pipeline.time()
    for kind in KINDS.values():
        for status in statuses_of(kind):
            pipeline.zcard(kind.with_status(status))
    pipeline.zcard(keys.MODELS)
    pipeline.zrange(keys.JOB.with_status("queued"), 0, 0)
    pipeline.zrange(keys.JOB.with_status("running"), 0, MOST_READ - 1)
    for queue in queues:
        pipeline.zrange(keys.workers(queue), 0, -1, withscores=True)
    pipeline.info()
    answers: Any = iter(pipeline.execute())
    seconds, microseconds = next(answers)
    now = seconds + microseconds / 1e6
    records = {kind.plural: {status: next(answers) for status in statuses_of(kind)} for kind in KINDS.values()}
    models, oldest, running = next(answers), next(answers), next(answers)
    ages = {queue: [max(now - seen, 0.0) for _, seen in next(answers)] for queue in queues}
    return Stats(
        records=records,
        models=models,
        oldest_queued=max(_ages(redis, oldest, now, "created_at"), default=0.0),
        at_risk=max(_ages(redis, running, now, "claimed_at", "checkpointed_at"), default=0.0),
        silence={queue: [age for age in found if age <= SEEN_SECONDS] for queue, found in ages.items()},
        server=Server.of(next(answers)),
    )


def _ages(redis: Redis, job_ids: list[bytes], now: float, *fields: str) -> list[float]:
    """Of each job, how long ago the latest of these moments was."""
    pipeline = redis.pipeline(transaction=False)
    for job_id in job_ids:
        pipeline.hmget(keys.JOB.record(job_id.decode()), *fields)
    moments: Any = pipeline.execute()
    latest = [max((int(moment) for moment in found if moment), default=None) for found in moments]
    return [max(now - moment / 1000, 0.0) for moment in latest if moment is not None]
