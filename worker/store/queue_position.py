"""When a waiting job's turn comes: how many begin before it, and what they take by what the last ones took."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Final

import orjson
from redis import Redis

from worker.store import keys
from worker.store.scripts import run
from worker.store.workers import SEEN_SECONDS
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

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def of(self, job_ids: Iterable[str]) -> dict[str, Turn]:
        """The places of those that wait among these jobs."""
        wanted = list(job_ids)
        if not wanted:
            return {}
        indexes = [keys.JOB.with_status(status) for status in ("queued", "running", "succeeded")]
        own_keys = [*indexes, keys.workers(TRAINING)]
        places, progress, times, workers = run(
            self._redis, "queue_position", own_keys, RECENT, SEEN_SECONDS, keys.JOB.record(""), *wanted
        )
        taken = [(int(ended) - int(began)) / 1000 for began, ended in times if began and ended]
        usual = median(taken) if taken else None
        told = [orjson.loads(said)["eta_seconds"] if said else None for said in progress]
        remaining = [usual or 0.0 if seconds is None else seconds for seconds in told]
        return {
            job_id: Turn(place + 1, starts_in(place, workers=workers, usual=usual, remaining=remaining))
            for job_id, place in zip(wanted, places, strict=True)
            if place >= 0
        }


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
