"""How a process reaches Redis: with time-outs, so that nothing hangs, and one retry, so that no restart is seen."""

from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

TIMEOUT_SECONDS = 0.9
"""For a connection, and for an answer: two tries are over within two seconds."""

BLOCK_SECONDS = 0.5
"""The longest that one command may block on purpose; who waits longer asks again."""

HEALTH_CHECK_SECONDS = 15


def connect(url: str, *, retry: bool = True) -> Redis:
    """A client for `url`, connected at its first command.

    With `retry`, a dropped connection is tried again once; a time-out never is.
    """
    over_tcp = {} if url.startswith("unix://") else {"socket_keepalive": True}
    return Redis.from_url(
        url,
        socket_connect_timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        health_check_interval=HEALTH_CHECK_SECONDS,
        retry=Retry(ConstantBackoff(0.05), int(retry), supported_errors=(RedisConnectionError,)),
        **over_tcp,
    )
