"""How a process reaches Redis: with time-outs, so that nothing hangs, and one retry, so that no restart is seen."""

import socket
from typing import Any, Final

from redis import Redis, UnixDomainSocketConnection
from redis.backoff import ConstantBackoff
from redis.connection import HiredisRespSerializer, PythonRespSerializer
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry
from redis.sentinel import Sentinel

from worker.sentinels import Sentinels

TIMEOUT_SECONDS: Final = 0.9
"""For a connection, and for an answer: two tries are over within two seconds."""

BLOCK_SECONDS: Final = 0.5
"""The longest that one command may block on purpose; who waits longer asks again."""

HEALTH_CHECK_SECONDS: Final = 15

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
        "command_packer": Packer(),
        "retry": Retry(ConstantBackoff(0.05), int(retry), supported_errors=(RedisConnectionError,)),
    }
    if url.startswith("unix://"):
        options["connection_class"] = UnixConnection
    else:
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
