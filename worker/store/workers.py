"""Which workers are there: each signs a sorted set again and again while it lives."""

from typing import Any

from redis import Redis

from worker.store import keys

SIGN_SECONDS = 2.0
SEEN_SECONDS = 10.0
"""A worker that has not signed for so long counts as gone."""


class Workers:
    """The workers seen on each queue. Times are Redis's own: hosts need not agree on the hour."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def sign(self, queue: str, name: str) -> None:
        """Say that `name` works on `queue`, and forget those long silent."""
        now = self._now()
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.zadd(keys.workers(queue), {name: now})
        pipeline.zremrangebyscore(keys.workers(queue), "-inf", now - SEEN_SECONDS)
        pipeline.execute()

    def sign_off(self, queue: str, name: str) -> None:
        """Say that `name` works on `queue` no more."""
        self._redis.zrem(keys.workers(queue), name)

    def names(self, queue: str) -> list[str]:
        """The workers that signed `queue` lately."""
        members: Any = self._redis.zrangebyscore(keys.workers(queue), self._now() - SEEN_SECONDS, "+inf")
        return [member.decode() for member in members]

    def _now(self) -> float:
        seconds, microseconds = self._redis.time()
        return float(seconds + microseconds / 1e6)
