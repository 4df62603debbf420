"""The connections of one API process: how many there may be, and how long each may keep us waiting for what it sends.

Half a request costs its sender nothing, and us a connection. So the head of a request must come within some seconds,
and a body at a least rate. When the limit of connections is reached, whoever has kept us waiting for longest makes
room for the next: a client that sends what it wants at once always gets in.
"""

import threading
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

LOOK_SECONDS: Final = 0.1
"""Between two looks at who is late."""

GIVEN_UP_AT_ONCE: Final = 20
"""Those who are late all at once are told so bit by bit: others are answered in between."""

GRACE_SECONDS: Final = 20.0
"""How much later than its rate allows a body begins at the latest, and its longest pause."""

DRAIN_SECONDS: Final = 2.0
"""How long after an answer the rest of a body is read and dropped: who still sends would see a reset, no answer."""


class TooSlowError(Exception):
    """Raised to who reads a body that comes too slowly."""


@dataclass(frozen=True)
class Pace:
    """How fast a request must come: its head within `head_seconds`, its body at `bytes_per_second`."""

    head_seconds: float
    bytes_per_second: float

    def body_deadline(self, begun: float, received: int, now: float) -> float:
        """When the next part of a body must be there, of which `received` bytes came since `begun`."""
        return min(begun + received / self.bytes_per_second, now) + GRACE_SECONDS


class Connection(Protocol):
    """What is known of a connection here."""

    address: str
    deadline: float
    """When what is waited for must be there, by the monotonic clock."""

    def give_up(self) -> None:
        """Wait no longer."""


class Connections:
    """Those that are open. None of its methods waits, so under gevent none is interrupted by another greenlet."""

    def __init__(self, *, most: int, most_of_address: int) -> None:
        self._most = most
        self._most_of_address = most_of_address
        self._open: set[Connection] = set()
        self._of_address: Counter[str] = Counter()
        self._silent: OrderedDict[Connection, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, connection: Connection) -> bool:
        """Count a new connection; False when there is no room, and nobody who could make it."""
        address = connection.address
        if self._of_address[address] >= self._most_of_address and not self._make_room(address):
            return False
        if len(self._open) >= self._most and not self._make_room(None):
            return False
        self._open.add(connection)
        self._of_address[address] += 1
        return True

    def leave(self, connection: Connection) -> None:
        """Count it no more; it may have been left out before."""
        self._silent.pop(connection, None)
        if connection in self._open:
            self._open.remove(connection)
            self._of_address[connection.address] -= 1
            if not self._of_address[connection.address]:
                del self._of_address[connection.address]

    def wait(self, connection: Connection) -> None:
        """It is for the client to send something."""
        self._silent[connection] = None

    def resume(self, connection: Connection) -> None:
        """It has."""
        self._silent.pop(connection, None)

    def _make_room(self, address: str | None) -> bool:
        """Close the connection, of this address, that has been silent for longest."""
        longest = next((one for one in self._silent if address is None or one.address == address), None)
        if longest is None:
            return False
        self.leave(longest)
        longest.give_up()
        return True

    def look(self, now: float) -> None:
        """Give up those that are late, or the first of them."""
        for connection in list(islice((one for one in self._silent if one.deadline < now), GIVEN_UP_AT_ONCE)):
            self.resume(connection)
            connection.give_up()

    def keep_looking(self) -> None:
        """Look from now on, in a thread (under gunicorn a greenlet)."""
        threading.Thread(target=self._keep_looking, name="connections", daemon=True).start()

    def _keep_looking(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            self.look(time.monotonic())
