"""How much there is of everything: jobs, messages, predictions that wait, workers, Redis's own memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis import Redis

from worker.store import keys
from worker.store.jobs import STATUSES, Status
from worker.store.workers import SEEN_SECONDS


@dataclass(frozen=True)
class Census:
    """What stood in Redis at one moment. Ages are in seconds, sizes in bytes."""

    jobs: Mapping[Status, int]
    datasets: Mapping[Status, int]
    models: int
    oldest_queued: float
    """Age of the job that has waited longest; 0 when none waits."""
    silence: Mapping[str, list[float]]
    """By queue: for how long each of its workers has not signed."""
    memory_used: int
    memory_limit: int
    """0: Redis may take all that the machine has."""
    clients: int
    durable: bool
    """Whether Redis's last write to its append-only file went well."""


def take_census(redis: Redis, queues: tuple[str, ...]) -> Census:
    """Count, in two round trips.

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
    for queue in queues:
        pipeline.zrange(keys.workers(queue), 0, -1, withscores=True)
    pipeline.info()
    answers: Any = iter(pipeline.execute())
    seconds, microseconds = next(answers)
    now = seconds + microseconds / 1e6
    jobs: dict[Status, int] = {status: next(answers) for status in STATUSES}
    datasets: dict[Status, int] = {status: next(answers) for status in STATUSES}
    models, oldest = next(answers), next(answers)
    ages = {queue: [max(now - seen, 0.0) for _, seen in next(answers)] for queue in queues}
    info = next(answers)
    return Census(
        jobs=jobs,
        datasets=datasets,
        models=models,
        oldest_queued=_age(redis, oldest[0].decode(), now) if oldest else 0.0,
        silence={queue: [age for age in found if age <= SEEN_SECONDS] for queue, found in ages.items()},
        memory_used=int(info["used_memory"]),
        memory_limit=int(info["maxmemory"]),
        clients=int(info["connected_clients"]),
        durable=info.get("aof_last_write_status", "ok") == "ok",
    )


def _age(redis: Redis, job_id: str, now: float) -> float:
    created: Any = redis.hget(keys.JOB.record(job_id), "created_at")
    return max(now - int(created) / 1000, 0.0) if created else 0.0
