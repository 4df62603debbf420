"""How a process reaches Redis: with time-outs, so that nothing hangs, and one retry, so that no restart is seen."""

import socket
from typing import Any, Final

from redis import BlockingConnectionPool, Redis, UnixDomainSocketConnection
from redis.backoff import ConstantBackoff, NoBackoff
from redis.connection import HiredisRespSerializer, PythonRespSerializer
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry
from redis.sentinel import Sentinel

from worker.failover import redis_errors
from worker.failover.masters import MasterConnection, MasterPool
from worker.failover.sentinels import Sentinels

TIMEOUT_SECONDS: Final = 0.9
"""For a connection, and for an answer: two tries are over within two seconds."""

BLOCK_SECONDS: Final = 0.5
"""The longest that one command may block on purpose; who waits longer asks again."""

HEALTH_CHECK_SECONDS: Final = 15

MAX_CONNECTIONS: Final = 64
"""Of one client. A command holds one for about a millisecond.

What blocks on purpose must not take them: it waits together with all others of its kind (`worker.store.listener`).
"""

TURN_SECONDS: Final = 5.0
"""How long a command waits for one of them: in a burst, other commands' time is no sign that Redis is away."""

FEW_CONNECTIONS: Final = 4
"""Of a client that only asks whether Redis is well."""

LARGE: Final = 64 * 1024
SEND_BUFFER: Final = 4 * 1024 * 1024
"""What a Unix socket holds of a large command, if the kernel lets it: its server is then woken a tenth as often."""


class Packer:
    """Commands as they travel: by hiredis, which is faster, but a large argument as it is, which hiredis would copy."""

    def __init__(self) -> None:
        self._short = HiredisRespSerializer()
        self._long = PythonRespSerializer(LARGE, lambda one: one if isinstance(one, bytes) else str(one).encode())

    def pack(self, *arguments: Any) -> list[bytes]:
        """The parts of a command."""
        long = any(isinstance(one, bytes) and len(one) > LARGE for one in arguments)
        parts: list[bytes] = (self._long if long else self._short).pack(*arguments)
        return parts


class UnixConnection(UnixDomainSocketConnection):
    """A Unix socket with a large buffer."""

    def _connect(self) -> socket.socket:
        connected: socket.socket = super()._connect()  # type: ignore[no-untyped-call]
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        return connected


def connect(url: str, *, retry: bool = True, max_connections: int = MAX_CONNECTIONS) -> Redis:
    """A client for `url`, connected at its first command.

    With `retry`, a dropped connection is tried again once; a time-out never is. Who finds `max_connections` in use
    waits for one of them, up to `TURN_SECONDS`.

    `redis://`, `rediss://` (TLS) and `unix://` are those of redis-py; `sentinel://` names the Sentinels that know who
    the master is (`Sentinels`).
    """
    redis_errors.register()
    options: dict[str, Any] = {
        "max_connections": max_connections,
        "timeout": TURN_SECONDS,
        "socket_connect_timeout": TIMEOUT_SECONDS,
        "socket_timeout": TIMEOUT_SECONDS,
        "health_check_interval": HEALTH_CHECK_SECONDS,
        "command_packer": Packer(),
        "retry": Retry(ConstantBackoff(0.05), int(retry), supported_errors=(RedisConnectionError,)),
    }
    if url.startswith("unix://"):
        options["connection_class"] = UnixConnection
    else:
        options["socket_keepalive"] = True
    if not url.startswith("sentinel://"):
        return Redis.from_pool(BlockingConnectionPool.from_url(url, **options))
    sentinels = Sentinels.parse(url)
    asked = {name: options[name] for name in ("socket_connect_timeout", "socket_timeout")}
    asked["retry"] = Retry(NoBackoff(), 0)  # by default one that is away is tried for seconds; here the next is asked
    finder: Any = Sentinel(  # type: ignore[no-untyped-call]
        list(sentinels.addresses), sentinel_kwargs=asked, connection_class=MasterConnection, **options
    )
    master: Redis = finder.master_for(
        sentinels.service,
        connection_pool_class=MasterPool,
        db=sentinels.database,
        username=sentinels.username,
        password=sentinels.password,
    )
    return master
