"""How a process reaches Redis: with time-outs, so that nothing hangs, and one retry, so that no restart is seen."""

from typing import Any, Final

from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry
from redis.sentinel import Sentinel

from worker.sentinels import Sentinels

TIMEOUT_SECONDS: Final = 0.9
"""For a connection, and for an answer: two tries are over within two seconds."""

BLOCK_SECONDS: Final = 0.5
"""The longest that one command may block on purpose; who waits longer asks again."""

HEALTH_CHECK_SECONDS: Final = 15


def connect(url: str, *, retry: bool = True) -> Redis:
    """A client for `url`, connected at its first command.

    With `retry`, a dropped connection is tried again once; a time-out never is.

    `redis://`, `rediss://` (TLS) and `unix://` are those of redis-py; `sentinel://` names the Sentinels that know who
    the master is (`Sentinels`).
    """
    options: dict[str, Any] = {
        "socket_connect_timeout": TIMEOUT_SECONDS,
        "socket_timeout": TIMEOUT_SECONDS,
        "health_check_interval": HEALTH_CHECK_SECONDS,
        "retry": Retry(ConstantBackoff(0.05), int(retry), supported_errors=(RedisConnectionError,)),
    }
    if not url.startswith("unix://"):
        options["socket_keepalive"] = True
    if not url.startswith("sentinel://"):
        return Redis.from_url(url, **options)
    sentinels = Sentinels.parse(url)
    asked = {name: options[name] for name in ("socket_connect_timeout", "socket_timeout")}
    finder: Any = Sentinel(list(sentinels.addresses), sentinel_kwargs=asked, **options)  # type: ignore[no-untyped-call]
    master: Redis = finder.master_for(
        sentinels.service, db=sentinels.database, username=sentinels.username, password=sentinels.password
    )
    return master
