"""Blobs that are written before a record names them: noted first, so that a crash in between leaves none behind.

No clock is asked. A draft belongs to a job, and the job's record tells whether it may still be adopted: a model's
weights only by the owner whose token stands, checkpoints until the job has ended.
"""

from typing import Any, Final

from redis import Redis

from worker.store import keys
from worker.store.blobs import checkpoint_folder, growth_path, model_path
from worker.store.claim import Claim
from worker.store.status import FINISHED

KEPT: Final = "kept"
ORPHANED: Final = "orphaned"
ADOPTED: Final = "adopted"


class PendingBlobs:
    """The notes: a path, and whose it is."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def note_model(self, model_id: str, claim: Claim[Any]) -> None:
        """Weights are about to be written, for a model whose record the end of the job brings."""
        note = f"{claim.record.id} {claim.token}"
        self._redis.hset(keys.PENDING_BLOBS, mapping={model_path(model_id): note, growth_path(model_id): note})

    def note_checkpoints(self, claim: Claim[Any]) -> None:
        """Checkpoints of the job are about to be written."""
        self._redis.hset(keys.PENDING_BLOBS, checkpoint_folder(claim.record.id), f"{claim.record.id} ")

    def forget(self, *paths: str) -> None:
        """These are adopted by now, or deleted."""
        if paths:
            self._redis.hdel(keys.PENDING_BLOBS, *paths)

    def orphans(self) -> list[str]:
        """Paths that no record names and none ever will; a folder ends with a slash. What was adopted is forgotten."""
        answer: Any = self._redis.hgetall(keys.PENDING_BLOBS)
        notes = {path.decode(): value.decode().split(" ") for path, value in answer.items()}
        pipeline = self._redis.pipeline(transaction=False)
        for job_id, _ in notes.values():
            pipeline.hmget(keys.JOB.record(job_id), "status", "token", "model_id")
        fates = {
            path: _fate(path, token, *(value.decode() if value else "" for value in record))
            for (path, (_, token)), record in zip(notes.items(), pipeline.execute(), strict=True)
        }
        self.forget(*(path for path, fate in fates.items() if fate == ADOPTED))
        return [path for path, fate in fates.items() if fate == ORPHANED]


def _fate(path: str, token: str, status: str, current: str, model_id: str) -> str:
    if model_id and path in (model_path(model_id), growth_path(model_id)):
        return ADOPTED
    if not token:
        return ORPHANED if status in FINISHED or not status else KEPT
    return KEPT if status == "running" and token == current else ORPHANED
