"""Deletes blobs that a crash has left between their writing and the record that would have named them.

It also takes out of the indexes what has expired: Redis deletes a record by itself, but not its place in a list.
"""

import logging
import time
from typing import Final

from redis.exceptions import RedisError

from worker.errors import BlobError
from worker.store import Store

logger = logging.getLogger(__name__)

SWEEP_SECONDS: Final = 60.0


class Sweeper:
    """Sweeps now and then, in the process that also writes blobs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._swept: float | None = None
        self._sorted_in = False

    def sweep_sometimes(self) -> None:
        """Sweep, unless that was not long ago. What cannot be swept now is left to the next time."""
        if self._swept is not None and time.monotonic() - self._swept < SWEEP_SECONDS:
            return
        self._swept = time.monotonic()
        try:
            self.sweep()
        except (RedisError, BlobError) as error:
            logger.warning("could not sweep", extra={"error": str(error)})

    def sweep(self) -> None:
        """Delete what belongs to nobody, and forget what has expired.

        The first time, jobs that an earlier version wrote are sorted into the lists.
        """
        if not self._sorted_in:
            older = self._store.jobs.sort_in_older()
            self._sorted_in = True
            if older:
                logger.info("sorted in what an earlier version wrote", extra={"count": older})
        forgotten = self._store.jobs.forget_expired()
        if forgotten:
            logger.info("forgot what has expired", extra={"count": forgotten})
        for path in self._store.pending_blobs.orphans():
            if path.endswith("/"):
                self._store.blobs.delete_folder(path)
            else:
                self._store.blobs.delete(path)
            self._store.pending_blobs.forget(path)
            logger.info("swept", extra={"path": path})
