"""How often each caller asks."""

from redis import Redis

from worker.store import keys
from worker.store.scripts import run

MINUTE_MS = 60_000


class RateLimit:
    """The allowances of all callers, the same in every API process: requests a minute, all at once if need be."""

    def __init__(self, redis: Redis, *, a_minute: int) -> None:
        self._redis = redis
        self._a_minute = a_minute

    def spend(self, caller: str) -> float:
        """Spend one request of a caller's allowance; gives 0, or after how many seconds there will be one again."""
        wait = run(self._redis, "spend", [keys.allowance(caller)], MINUTE_MS / self._a_minute, self._a_minute)
        return float(wait) / 1000
