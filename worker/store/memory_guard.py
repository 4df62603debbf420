"""Whether Redis has room for more. Nothing is ever evicted, so what is full must say so before it is in the way."""

import time
from collections.abc import Callable
from typing import Any, Final

from redis import Redis
from redis.exceptions import ResponseError

from worker.errors import StoreFullError

SHARE: Final = 0.8
"""Of Redis's memory. The rest is for what was promised already: the life of the jobs, and Celery's queues."""

REMEMBERED_SECONDS: Final = 0.5


class MemoryGuard:
    """Redis's memory, as it was at most half a second ago."""

    def __init__(self, redis: Redis, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis
        self._clock = clock
        self._until = 0.0
        self._used, self._most = 0, 0

    def check(self) -> None:
        """Raise StoreFullError when nothing more should be taken in."""
        if self._clock() >= self._until:
            self._until = self._clock() + REMEMBERED_SECONDS  # first: many greenlets ask, one measures
            self._used, self._most = self._measure()
        if self._most and self._used > self._most * SHARE:
            raise StoreFullError(
                f"Redis holds {self._used} bytes, and may hold {self._most}: too little room to take in more"
            )

    def _measure(self) -> tuple[int, int]:
        """(used, limit) in bytes; (0, 0) where there is no limit, or Redis does not tell."""
        try:
            memory: Any = self._redis.info("memory")
        except ResponseError:
            return 0, 0
        return int(memory.get("used_memory", 0)), int(memory.get("maxmemory", 0))
