"""A gunicorn worker that makes fewer system calls, and has a door.

It sends an answer's head together with its body, in one packet, so that the client wakes once; and it takes what the
kernel has received in larger portions than gunicorn's 8 KiB, of which a body of many rows would need a thousand. What
is rejected early (`api.load_shedding.early`) never reaches gunicorn. And it has a clock: a client that keeps it waiting
is given up (`api.gate.connections`).
"""

import contextlib
import enum
import math
import socket
import time
from typing import Any, Final

import gevent
from gunicorn.http.body import ChunkedReader
from gunicorn.workers.ggevent import GeventWorker

from api.gate.connections import DRAIN_SECONDS, Connections, Pace, TooSlowError
from api.load_shedding.early import Refuse, seen

LENGTH: Final = b"\r\nContent-Length: "
"""What the head of an answer has whose body comes at once. A stream has none, and its head must not wait."""

SMALL: Final = 64 * 1024
"""A larger body goes by itself: copying it costs more than it saves."""

PORTION: Final = 64 * 1024
"""What is received at a time; above 128 KiB the memory for each would be asked of the kernel."""

CHUNKED_PORTION: Final = 8 * 1024
"""The same for a body in chunks: for each chunk gunicorn copies what of a portion comes after it."""

DENSE_PORTION: Final = 1024
"""The same after a portion of small chunks, of which each costs as much as a large one."""

SMALL_CHUNK: Final = 256
"""Bytes of a chunk, with its two line ends, below which it is small."""

UNREAD_SECONDS: Final = 60
"""Time without taking in any of an answer after which the kernel gives a client up (TCP_USER_TIMEOUT)."""

LEISURE: Final = Pace(head_seconds=math.inf, bytes_per_second=1)
"""The pace of a socket that nobody looks at."""


class Phase(enum.Enum):
    """What comes on a connection: the head of a request, its body, or the rest of a body after the answer."""

    HEAD = enum.auto()
    BODY = enum.auto()
    REST = enum.auto()


PATIENCE_SECONDS: Final = 30
"""Time since its refusal after which a client is gunicorn's, whose clock closes connections without requests."""


class CoalescingWorker(GeventWorker):  # type: ignore[misc]  # gunicorn is untyped
    """gevent's worker, with `Gathering` before each socket; before none with TLS, which wraps the socket itself."""

    refuse: Refuse | None = None
    connections: Connections
    pace: Pace
    too_slow: bytes
    full: bytes
    """Set when the app is there (`api.server`); the last two are whole answers."""

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Answer the requests of one connection."""
        if self.cfg.is_ssl:
            super().handle(listener, client, addr)
            return
        address = addr[0] if isinstance(addr, tuple) else ""
        gathering = Gathering(client, self.refuse, address=address, pace=self.pace, connections=self.connections)
        gathering.too_slow = self.too_slow
        if not self.connections.enter(gathering):
            with contextlib.suppress(OSError), client:
                client.sendall(self.full)
            return
        try:
            with contextlib.suppress(OSError, AttributeError):  # no TCP, or no Linux
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_SECONDS * 1000)
            super().handle(listener, gathering, addr)
        finally:
            self.connections.leave(gathering)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        """Answer one request; what is left of its body is read after the answer, and not for long."""
        if not isinstance(sock, Gathering):
            super().handle_request(listener_name, req, sock, addr)
            return
        sock.begin_body(chunked=isinstance(req.body.reader, ChunkedReader))
        try:
            super().handle_request(listener_name, req, sock, addr)
        finally:
            whole = sock.finish(req.body)
        if not whole:
            raise StopIteration  # gunicorn's way to say that the connection ends


class Gathering:
    """A socket that keeps the head of an answer until the body comes, or anything else is done with it."""

    def __init__(
        self,
        sock: Any,
        refuse: Refuse | None = None,
        *,
        address: str = "",
        pace: Pace = LEISURE,
        connections: Connections | None = None,
    ) -> None:
        """`connections` counts it, and gives it up when it is later than `pace` allows; without it nobody does."""
        self.address = address
        self.deadline = math.inf
        self.too_slow = b""
        """Sent to a client whose head did not come in time."""
        self._socket = sock
        self._head = b""
        self._refuse = refuse
        self._missing = 0  # bytes of a body that gunicorn was given the beginning of
        self._pace = pace
        self._connections = connections
        self._phase = Phase.HEAD
        self._begun: float | None = time.monotonic()  # of what is received now; None: nothing of it has come
        self._received = 0
        self._chunked = self._dense = False
        self._given_up = False

    def begin_body(self, *, chunked: bool = False) -> None:
        """The head is whole; `chunked` says how the body comes."""
        self._phase, self._begun, self._received = Phase.BODY, time.monotonic(), 0
        self._chunked, self._dense = chunked, False

    def finish(self, body: Any) -> bool:
        """Send what is left of the answer, and read what is left of the body; False when it did not end in time."""
        try:
            self.flush()
            self._phase, self.deadline = Phase.REST, time.monotonic() + DRAIN_SECONDS
            while body.read(PORTION):
                pass
        except Exception:  # noqa: BLE001  # gone, or its chunks are none: where the next request begins nobody knows
            return False
        self._begin_head()
        return not self._given_up

    def _begin_head(self) -> None:
        self._phase, self._begun, self._received = Phase.HEAD, None, 0
        self._chunked = False

    def give_up(self) -> None:
        """Receive nothing more; what waits for it goes on without."""
        self._given_up = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RD)

    def recv(self, size: int) -> bytes:
        """What has come, and that may be more than `size`: gunicorn keeps what it does not want yet.

        What is refused at the door is answered here, and the next is waited for.

        Raises:
            TooSlowError: a body comes too slowly. A head that does has been answered, and is over.

        """
        self.flush()
        begun = time.monotonic()
        while True:
            if self._chunked:
                gevent.sleep(0)  # chunks of a byte cost far more than they are long: others have their turn between
                data = self._receive(DENSE_PORTION if self._dense else CHUNKED_PORTION)
                self._dense = data.count(b"\n") * SMALL_CHUNK > 2 * len(data)
            else:
                data = self._receive(max(size, PORTION))
            if self._refuse is None or not data:
                return data
            if self._missing:
                self._missing -= len(data)
                if self._missing < 0:
                    self._refuse = None
                return data
            request = seen(data)
            if request is None:
                self._refuse = None  # where the next request begins is for gunicorn to know
                return data
            may_refuse = request.missing <= PORTION and time.monotonic() - begun <= PATIENCE_SECONDS
            answer = self._refuse(request.method, request.path) if may_refuse else None
            if answer is None:
                self._missing = request.missing
                return data
            if not self._skip(request.missing):
                return b""
            self._socket.sendall(answer)
            self._begin_head()

    def _receive(self, size: int) -> bytes:
        """What comes next; nothing when the client is gone, or was given up."""
        if self._connections is None:
            data: bytes = self._socket.recv(size)
            return data
        now = time.monotonic()
        if self._phase is Phase.BODY:
            self.deadline = self._pace.body_deadline(self._begun or now, self._received, now)
        elif self._phase is Phase.HEAD:
            self.deadline = math.inf if self._begun is None else self._begun + self._pace.head_seconds
        self._connections.wait(self)
        try:
            data = b"" if self._given_up else self._socket.recv(size)
        except OSError:
            if not self._given_up:
                raise
            data = b""
        finally:
            self._connections.resume(self)
        if self._given_up and not data:
            self._tell()
        self._received += len(data)
        if self._begun is None:
            self._begun = time.monotonic()
        return data

    def _tell(self) -> None:
        """Say to the client why it is not waited for any longer, unless it has its answer, or asked for nothing."""
        if self._phase is Phase.BODY:
            raise TooSlowError
        if self._phase is Phase.HEAD and self._received:
            self._socket.sendall(self.too_slow)

    def _skip(self, size: int) -> bool:
        """Receive this number of bytes and drop them; False when the client is gone."""
        while size and (data := self._receive(size)):
            size -= len(data)
        return not size

    def sendall(self, data: bytes) -> None:
        """Send, or keep."""
        if self._head and len(data) < SMALL:
            data, self._head = self._head + data, b""
        elif not self._head and data.startswith(b"HTTP/1.") and LENGTH in data:
            self._head = data
            return
        self.flush()
        self._socket.sendall(data)

    def flush(self) -> None:
        """Send what was kept."""
        if self._head:
            head, self._head = self._head, b""
            self._socket.sendall(head)

    def __getattr__(self, name: str) -> Any:
        """Whatever else a socket can do."""
        self.flush()
        return getattr(self._socket, name)
