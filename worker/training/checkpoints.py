"""Checkpoints of a running job: where it can go on, bit for bit, after its worker has died.

A checkpoint is a blob of its own, written whole under a path that no other attempt uses, and only then named in the
record, with its hash, in the step that tells the epoch (`scripts/report.lua`, which refuses a stale owner). The last
two are kept: should the newest be damaged, the one before it is used.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from redis.exceptions import RedisError

from nn import TrainingState
from nn.errors import FormatError
from worker.errors import BlobError, BlobMissingError, LeaseLostError
from worker.observability.logs import about
from worker.store import Store
from worker.store.blobs import checkpoint_folder, checkpoint_path
from worker.store.jobs import Claim, Job

logger = logging.getLogger(__name__)

KEPT: Final = 2


class Checkpoints:
    """The checkpoints of one claimed job."""

    def __init__(self, store: Store, claim: Claim[Job]) -> None:
        self._store = store
        self._claim = claim
        self._log = about(logger, **claim.log_fields)
        self._named = [checkpoint["path"] for checkpoint in reversed(claim.record.checkpoints)]
        self._written = 0

    def newest(self) -> tuple[TrainingState | None, float]:
        """The state of the newest whole one, and the seconds of training that it took; (None, 0) without any."""
        for checkpoint in self._claim.record.checkpoints:
            try:
                data = self._store.blobs.get(checkpoint["path"])
                if hashlib.sha256(data).hexdigest() != checkpoint["sha256"]:
                    raise FormatError(f"expected a SHA-256 of {checkpoint['sha256']}, got another")
                return TrainingState.from_bytes(data), checkpoint["seconds"]
            except (BlobError, BlobMissingError, FormatError) as error:
                self._log.warning("checkpoint cannot be used", extra={"path": checkpoint["path"], "error": str(error)})
        return None, 0.0

    def save(self, state: TrainingState, seconds: float, name: Callable[[Mapping[str, Any] | None], None]) -> None:
        """Write `state`, then have it named; where it cannot be written, the training goes on without.

        Args:
            state: where the training is
            seconds: how long it has trained to come there
            name: reports to the record; takes what the record should hold of the checkpoint, None for nothing

        """
        data = state.to_bytes()
        path = checkpoint_path(self._claim.record.id, self._claim.token, self._written)
        try:
            if not self._written:
                self._store.pending_blobs.note_checkpoints(self._claim)
            self._written += 1
            self._store.blobs.put(path, data)
        except (BlobError, RedisError) as error:
            self._log.warning("no checkpoint could be written, the training goes on", extra={"error": str(error)})
            name(None)
            return
        try:
            name(
                {
                    "path": path,
                    "sha256": hashlib.sha256(data).hexdigest(),
                    "size": len(data),
                    "epoch": state.epoch,
                    "seconds": round(seconds, 3),
                }
            )
        except LeaseLostError:
            self._delete(path)
            raise
        self._named.append(path)
        while len(self._named) > KEPT:
            self._delete(self._named.pop(0))

    def clear(self) -> None:
        """The job has ended: none is needed any more."""
        folder = checkpoint_folder(self._claim.record.id)
        if not self._written and not self._named:
            return
        try:
            self._store.blobs.delete_folder(folder)
            self._store.pending_blobs.forget(folder)
        except (BlobError, RedisError) as error:
            logger.warning("checkpoints are left to the sweeper", extra={"path": folder, "error": str(error)})

    def _delete(self, path: str) -> None:
        try:
            self._store.blobs.delete(path)
        except BlobError as error:
            logger.warning("a checkpoint is left to the sweeper", extra={"path": path, "error": str(error)})
