"""Blobs that several records may use, named by their content: the same bytes twice are one blob."""

from collections.abc import Callable
from typing import Final

from redis import Redis

from worker.store import keys
from worker.store.blobs import Blobs

LOCK_SECONDS: Final = 60.0
"""How long the one who gives or takes may be silent before the next may try."""


class RefcountedBlobs:
    """Knows the users of each shared blob. Who gives and who takes hold a lock, so that neither undoes the other."""

    def __init__(self, redis: Redis, blobs: Blobs) -> None:
        self._redis = redis
        self._blobs = blobs

    def keep(self, path: str, user: str, put: Callable[[], None]) -> None:
        """Keep the blob at `path` for `user`; `put` writes it, and is called when it is not there yet."""
        with self._redis.lock(keys.blob_lock(path), timeout=LOCK_SECONDS):
            if self._blobs.size(path) is None:
                put()
            self._redis.sadd(keys.blob_users(path), user)

    def let_go(self, path: str, user: str) -> None:
        """Keep the blob at `path` for `user` no more; with its last user it goes."""
        with self._redis.lock(keys.blob_lock(path), timeout=LOCK_SECONDS):
            self._redis.srem(keys.blob_users(path), user)
            if not self._redis.exists(keys.blob_users(path)):
                self._blobs.delete(path)
