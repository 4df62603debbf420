"""Answers with which Redis refuses a command that is right and will be taken a moment later, perhaps by another server.

redis-py takes these codes for mistakes of the command (`ResponseError`) or does not know them, and a Celery worker ends
at such a mistake. As connection errors they are what everybody waits for already: the client connects again, which
behind Sentinels means that it asks for the master, and tries again.
"""

from typing import Final

from redis._parsers import BaseParser
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MasterDownError, OutOfMemoryError, ReadOnlyError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError


class NotReplicatedError(RedisError):
    """Raised when a step was taken, and fewer replicas than NEUROND_REDIS_REPLICAS have acknowledged it."""


class ReadOnlyReplicaError(RedisConnectionError, ReadOnlyError):
    """Raised when a replica is asked to write: the master of a moment ago."""


class MasterAwayError(RedisConnectionError, MasterDownError):
    """Raised when a replica that has no master is asked to read."""


class WritesRefusedError(RedisConnectionError, ResponseError):
    """Raised when a master takes no writes (too few replicas, a disk that fails), or ends a wait as it is demoted."""


CODES: Final[dict[str, type[RedisError]]] = {
    "READONLY": ReadOnlyReplicaError,
    "MASTERDOWN": MasterAwayError,
    "NOREPLICAS": WritesRefusedError,
    "MISCONF": WritesRefusedError,
    "UNBLOCKED": WritesRefusedError,
}

AWAY: Final = (RedisConnectionError, RedisTimeoutError, OutOfMemoryError, NotReplicatedError)
"""What passes by itself: a write is tried again until it is taken."""


def register() -> None:
    """Have every client of this process, kombu's too, raise these; redis-py looks each code up in one table."""
    BaseParser.EXCEPTION_CLASSES.update(CODES)
