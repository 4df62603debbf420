"""Whether the Redis of the records does its work, asked over a few connections that nothing else takes."""

from collections.abc import Iterable

from redis import Redis

from worker.store import keys
from worker.store.workers import Workers


class Health:
    """What health checks ask."""

    def __init__(self, redis: Redis, workers: Workers) -> None:
        self._redis = redis
        self._workers = workers

    def check(self) -> None:
        """Raise RedisError unless it takes writes."""
        check_writes(self._redis)

    def workers(self, queues: Iterable[str]) -> dict[str, int]:
        """How many workers each queue has."""
        return {queue: len(self._workers.names(queue)) for queue in queues}


def check_writes(redis: Redis) -> None:
    """Raise RedisError unless `redis` takes writes: a replica reads well, and so does a master without replicas."""
    redis.delete(keys.PROBE)
