"""Wake-ups for what waits: as many messages as the workers of a queue have use for, whatever became of earlier ones.

Which record is next, the index of waiting records says; a message only says that one waits. So a lost one delays nobody
out of turn, and none is worth keeping: those that are missing are counted, and sent.
"""

import time
from collections.abc import Callable
from typing import Any, Final

from redis.exceptions import LockError

from worker import work
from worker.messaging.queue import Queue
from worker.store import Store, keys
from worker.work.kind import QUEUES

LOCK_SECONDS: Final = 5.0
"""How long the one that counts and sends may be silent before another may."""

AGAIN_SECONDS: Final = 0.1
"""Between two counts. A message that was fetched a moment ago, for a record that is not claimed yet, is not missing."""


class WakeUps:
    """Tops up the messages of each queue to one for each waiting record, and at most one for each worker."""

    def __init__(self, store: Store, queue: Queue, *, pause: Callable[[float], object] = time.sleep) -> None:
        """`pause` waits between two counts."""
        self._store = store
        self._queue = queue
        self._pause = pause

    def top_up(self) -> int:
        """Send the messages that are missing, and say how many. While another process does, nothing is done.

        Raises:
            RedisError, OperationalError: Redis or the broker cannot be reached.
        """
        return sum(self._top_up(name) for name in QUEUES if self._wanted(name))

    def _top_up(self, name: str) -> int:
        lock = self._store.redis.lock(keys.wake_up_lock(name), timeout=LOCK_SECONDS, blocking=False)
        if not lock.acquire():
            return 0
        try:
            missing = self._missing(name)
            if missing:
                self._pause(AGAIN_SECONDS)
                missing = min(missing, self._missing(name))
            for _ in range(missing):
                self._queue.send_work(name)
            return missing
        finally:
            self._release(lock)

    @staticmethod
    def _release(lock: Any) -> None:
        try:
            lock.release()
        except LockError:
            return  # it took too long, and another may be at it: a message too many does no harm

    def _missing(self, name: str) -> int:
        return max(self._wanted(name) - self._queue.waiting(name), 0)

    def _wanted(self, name: str) -> int:
        waiting = sum(self._store.records(kind).waiting() for kind in work.on(name))
        return waiting and min(waiting, len(self._store.workers.names(name)))
