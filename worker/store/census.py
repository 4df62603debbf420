"""How much there is of everything: jobs, messages, predictions that wait, workers, Redis's own memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from redis import Redis

from worker.store import keys
from worker.store.jobs import STATUSES, Status
from worker.store.workers import SEEN_SECONDS

MOST_READ: Final = 100
"""Running jobs whose records are read; there are no more than workers."""


@dataclass(frozen=True)
class Census:
    """What stood in Redis at one moment. Ages are in seconds, sizes in bytes."""

    jobs: Mapping[Status, int]
    datasets: Mapping[Status, int]
    models: int
    oldest_queued: float
    """Age of the job that has waited longest; 0 when none waits."""
    at_risk: float
    """Of the running jobs, the longest time since its last checkpoint, or since its claim: what a crash would cost."""
    silence: Mapping[str, list[float]]
    """By queue: for how long each of its workers has not signed."""
    memory_used: int
    memory_limit: int
    """0: Redis may take all that the machine has."""
    clients: int
    durable: bool
    """Whether Redis's last write to its append-only file went well."""


def take_census(redis: Redis, queues: tuple[str, ...]) -> Census:
    """Count, in a few round trips, whatever there is.

    Raises:
        RedisError: Redis cannot be reached.
    """
    pipeline = redis.pipeline(transaction=False)
    pipeline.time()
    for kind in (keys.JOB, keys.DATASET):
        for status in STATUSES:
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
    jobs: dict[Status, int] = {status: next(answers) for status in STATUSES}
    datasets: dict[Status, int] = {status: next(answers) for status in STATUSES}
    models, oldest, running = next(answers), next(answers), next(answers)
    ages = {queue: [max(now - seen, 0.0) for _, seen in next(answers)] for queue in queues}
    info = next(answers)
    return Census(
        jobs=jobs,
        datasets=datasets,
        models=models,
        oldest_queued=max(_ages(redis, oldest, now, "created_at"), default=0.0),
        at_risk=max(_ages(redis, running, now, "claimed_at", "checkpointed_at"), default=0.0),
        silence={queue: [age for age in found if age <= SEEN_SECONDS] for queue, found in ages.items()},
        memory_used=int(info["used_memory"]),
        memory_limit=int(info["maxmemory"]),
        clients=int(info["connected_clients"]),
        durable=info.get("aof_last_write_status", "ok") == "ok",
    )


def _ages(redis: Redis, job_ids: list[bytes], now: float, *fields: str) -> list[float]:
    """Of each job, how long ago the latest of these moments was."""
    pipeline = redis.pipeline(transaction=False)
    for job_id in job_ids:
        pipeline.hmget(keys.JOB.record(job_id.decode()), *fields)
    moments: Any = pipeline.execute()
    latest = [max((int(moment) for moment in found if moment), default=None) for found in moments]
    return [max(now - moment / 1000, 0.0) for moment in latest if moment is not None]
