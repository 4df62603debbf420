"""The door: before gunicorn reads a request, it may be refused already.

Reading a request, calling the app and writing an answer cost gunicorn a fifth of a millisecond, and with twice the load
that can be borne most of the time went into refusals. A refusal at the door costs a tenth of that.

Only a request that came whole and alone is seen here: one whose head and body, by the strictest reading, are all that
was received. So it is certain where the next one begins, and nothing that a client hides in a body is taken for a
request. Whatever else comes goes to gunicorn, and so does all that follows it on its connection.
"""

import re
from collections.abc import Callable
from typing import Final

Refuse = Callable[[str, str], bytes | None]
"""From a method and a path to the answer, when the request is refused."""

FIRST_LINE: Final = re.compile(rb"([A-Z]+) (/[\w.~/-]*) HTTP/1\.1\r\n", re.ASCII)
LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d{1,12})\r\n")
HARD: Final = (b"transfer-encoding", b"expect", b"upgrade", b"close")
"""What makes it a matter for gunicorn."""


def whole(received: bytes) -> tuple[str, str] | None:
    """Method and path, if this is one request and nothing more, and its path has neither query nor escapes."""
    first = FIRST_LINE.match(received)
    end = received.find(b"\r\n\r\n", 0, 8192)
    if first is None or end < 0:
        return None
    head = received[: end + 2].lower()
    if any(word in head for word in HARD) or head.count(b"\n") != head.count(b"\r\n"):
        return None
    lengths = head.count(b"content-length")
    stated = LENGTH.search(head)
    length = int(stated[1]) if stated else 0
    if lengths != (1 if stated else 0) or len(received) != end + 4 + length:
        return None
    return first[1].decode(), first[2].decode()
