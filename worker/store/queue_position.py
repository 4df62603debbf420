"""When a waiting job's turn comes: how many begin before it, and what they take by what the last ones took."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

import orjson
from redis import Redis

from worker.store import keys
from worker.store.workers import Workers
from worker.work.kind import TRAINING

RECENT: Final = 20
"""Jobs that have succeeded, from whose seconds those of the next are told."""


@dataclass(frozen=True)
class Turn:
    """The place of a waiting job."""

    position: int
    """1: it is the next."""
    starts_in_seconds: float | None
    """None: nobody is at work, or no job has ended yet by which to tell."""


class QueuePositions:
    """The places of the jobs that wait, as they are now. Nothing is kept for this: it is read from what there is."""

    def __init__(self, redis: Redis, workers: Workers) -> None:
        self._redis = redis
        self._workers = workers

    def of(self, job_ids: Iterable[str]) -> dict[str, Turn]:
        """The places of those that wait among these jobs."""
        wanted = list(job_ids)
        if not wanted:
            return {}
        pipeline = self._redis.pipeline(transaction=False)
        for job_id in wanted:
            pipeline.zrank(keys.JOB.with_status("queued"), job_id)
        pipeline.zrange(keys.JOB.with_status("running"), 0, -1)
        pipeline.zrange(keys.JOB.with_status("succeeded"), -RECENT, -1)
        *ranks, running, succeeded = pipeline.execute()
        usual, remaining = self._seconds(running, succeeded)
        workers = len(self._workers.names(TRAINING))
        return {
            job_id: Turn(rank + 1, starts_in(rank, workers=workers, usual=usual, remaining=remaining))
            for job_id, rank in zip(wanted, ranks, strict=True)
            if rank is not None
        }

    def _seconds(self, running: Iterable[bytes], succeeded: Iterable[bytes]) -> tuple[float | None, list[float]]:
        """What a job usually takes, and what those that run will still take."""
        pipeline = self._redis.pipeline(transaction=False)
        running = list(running)
        for job_id in running:
            pipeline.hget(keys.JOB.record(job_id.decode()), "progress")
        for job_id in succeeded:
            pipeline.hmget(keys.JOB.record(job_id.decode()), "started_at", "finished_at")
        answers: list[Any] = pipeline.execute()
        taken = [(int(ended) - int(began)) / 1000 for began, ended in answers[len(running) :] if began and ended]
        usual = median(taken) if taken else None
        told = [orjson.loads(progress)["eta_seconds"] if progress else None for progress in answers[: len(running)]]
        return usual, [usual or 0.0 if seconds is None else seconds for seconds in told]


def starts_in(ahead: int, *, workers: int, usual: float | None, remaining: list[float]) -> float | None:
    """Seconds until a job begins before which `ahead` others wait.

    Args:
        workers: at work on the queue
        usual: what a job takes; None: not known yet
        remaining: what each of the running ones will still take

    """
    free = max(workers - len(remaining), 0)
    if ahead < free:
        return 0.0
    if workers == 0 or (usual is None and ahead > free):
        return None
    if ahead == free and remaining:
        return round(min(remaining), 1)
    return round((sum(remaining) + (ahead - free) * (usual or 0.0)) / workers, 1)
