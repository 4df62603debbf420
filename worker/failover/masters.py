"""Connections to the master that the Sentinels name, wherever that is by now."""

import contextlib
import threading
import time
from typing import Any, Final

from redis import BlockingConnectionPool
from redis.exceptions import RedisError
from redis.sentinel import SentinelConnectionPool, SentinelManagedConnection
from redis.utils import SENTINEL

LOOK_SECONDS: Final = 1.0
"""How often the connections of one pool ask whether the master is another by now.

An old master goes on for ten seconds after a planned failover, and for as long as it is cut off: who stays with it asks
and writes where nobody looks any more.
"""


class MasterConnection(SentinelManagedConnection):
    """Asks the Sentinels for the master however it comes to connect: also at the command that finds it disconnected.

    redis-py asks only when a pool hands the connection out, so one that is kept would go back to the old master for
    ever (redis/redis-py#3874). A connection also leaves a master that is none any more and has not heard of it.
    """

    def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        """Send a command, to the master."""
        if self._sock is not None and self._has_moved():
            self.leave()
        super().send_packed_command(command, check_health)  # type: ignore[no-untyped-call]

    def leave(self) -> None:
        """Leave a server that is the master no more; the command goes to the new one."""
        self.disconnect()  # type: ignore[no-untyped-call]

    def _has_moved(self) -> bool:
        pool: Any = self.connection_pool  # what all connections of one pool share
        now = time.monotonic()
        if now >= getattr(pool, "look_at", 0.0):
            pool.look_at = now + LOOK_SECONDS
            # Aside: however long Sentinels that are away take, no command waits for them.
            threading.Thread(target=_look, args=(pool,), name="sentinels", daemon=True).start()
        return pool.master_address not in {None, (self.host, self.port)}

    def connect_check_health(self, check_health: bool = True, retry_socket_connect: bool = True) -> None:
        """Connect, unless it is connected."""
        if self._sock is None:
            self.host, self.port = self.connection_pool.get_master_address()
            super().connect_check_health(check_health, retry_socket_connect)

    def connect_to(self, address: tuple[str, int]) -> None:
        """Connect to this address, which the pool has just been told."""
        self.host, self.port = address
        super().connect_check_health(self.connection_pool.check_connection, retry_socket_connect=False)

    def read_response(
        self,
        disable_decoding: bool = False,
        *,
        timeout: float | object = SENTINEL,
        disconnect_on_error: bool | None = True,
        push_request: bool | None = False,
    ) -> Any:
        """Read an answer. One that does not come in time would be taken for that of the next command: disconnect."""
        return super().read_response(
            disable_decoding, timeout=timeout, disconnect_on_error=disconnect_on_error, push_request=push_request
        )


class MasterPool(SentinelConnectionPool, BlockingConnectionPool):
    """Connections to the master, which may be another server by the time that one comes back."""

    def release(self, connection: Any) -> None:
        """Take a connection back; one to an old master connects again when it is next used."""
        if (connection.host, connection.port) != self.master_address:
            connection.disconnect()
        super().release(connection)  # type: ignore[no-untyped-call]

    def owns_connection(self, connection: Any) -> int:
        """Whether it was made by this pool, in this process; the address is no reason to make another."""
        return BlockingConnectionPool.owns_connection(self, connection)

    def disconnect(self, inuse_connections: bool = True) -> None:
        """Close connections; with those in use, those to the Sentinels too."""
        super().disconnect(inuse_connections)
        if inuse_connections:
            for sentinel in self.sentinel_manager.sentinels:
                sentinel.close()


def _look(pool: Any) -> None:
    """Let the connections of a pool know who is the master now; each leaves another by itself."""
    with contextlib.suppress(RedisError):  # an election is going on, or no Sentinel is there: all stay where they are
        pool.master_address = pool.sentinel_manager.discover_master(pool.service_name)
