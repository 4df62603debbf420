"""A gunicorn worker that makes fewer system calls, and has a door.

It sends an answer's head together with its body, in one packet, so that the client wakes once; and it takes what the
kernel has received in larger portions than gunicorn's 8 KiB, of which a body of many rows would need a thousand. What
is refused at the door (`api.gate.door`) never reaches gunicorn.
"""

import contextlib
import time
from typing import Any, Final

from gunicorn.workers.ggevent import GeventWorker

from api.gate.door import Refuse, seen

LENGTH: Final = b"\r\nContent-Length: "
"""What the head of an answer has whose body comes at once. A stream has none, and its head must not wait."""

SMALL: Final = 64 * 1024
"""A larger body goes by itself: copying it costs more than it saves."""

PORTION: Final = 64 * 1024
"""What is received at a time; above 128 KiB the memory for each would come from the kernel anew."""

PATIENCE_SECONDS: Final = 30
"""A client that was refused for so long sees gunicorn, whose clock closes a connection on which nothing is asked."""


class GatheringWorker(GeventWorker):  # type: ignore[misc]  # gunicorn is untyped
    """gevent's worker, with `Gathering` before each socket; before none with TLS, which wraps the socket itself."""

    refuse: Refuse | None = None
    """Set when the app is there (`api.server`)."""

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Answer the requests of one connection."""
        super().handle(listener, client if self.cfg.is_ssl else Gathering(client, self.refuse), addr)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        """Answer one request."""
        try:
            super().handle_request(listener_name, req, sock, addr)
        finally:
            if isinstance(sock, Gathering):
                with contextlib.suppress(OSError):  # the client is gone, as the next read will tell
                    sock.flush()


class Gathering:
    """A socket that keeps the head of an answer until the body comes, or anything else is done with it."""

    def __init__(self, sock: Any, refuse: Refuse | None = None) -> None:
        self._socket = sock
        self._head = b""
        self._refuse = refuse
        self._missing = 0  # bytes of a body that gunicorn was given the beginning of

    def recv(self, size: int) -> bytes:
        """What has come, and that may be more than `size`: gunicorn keeps what it does not want yet.

        What is refused at the door is answered here, and the next is waited for.
        """
        self.flush()
        begun = time.monotonic()
        while True:
            data: bytes = self._socket.recv(max(size, PORTION))
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

    def _skip(self, size: int) -> bool:
        """Receive so many bytes for nobody; False when the client is gone."""
        while size and (data := self._socket.recv(size)):
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
