"""What gunicorn answers by itself to a request that it cannot read: a problem, as every other error is one."""

from typing import Any

import orjson
from gunicorn import util

from api.errors import PROBLEM_JSON
from api.gate.headers import SECURITY_HEADERS


def register() -> None:
    """Take the place of gunicorn's own page in HTML; it has no other door for that."""
    util.write_error = write_error


def write_error(sock: Any, status: int, reason: str, detail: str) -> None:
    """Answer on the bare socket: the request never came as far as the app."""
    util.write_nonblock(sock, problem(status, reason, detail))


def problem(status: int, reason: str, detail: str, **headers: object) -> bytes:
    """A whole answer, after which the connection ends."""
    title = reason.capitalize()
    body = orjson.dumps(
        {
            "type": f"urn:neurond:problem:{title.lower().replace(' ', '-')}",
            "title": title,
            "status": status,
            "detail": detail or reason,
            "instance": "",
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )
    sent = {"Connection": "close", "Content-Type": PROBLEM_JSON, "Content-Length": len(body), **SECURITY_HEADERS}
    lines = "".join(f"{name}: {value}\r\n" for name, value in (sent | headers).items())
    return f"HTTP/1.1 {status} {reason}\r\n{lines}\r\n".encode("latin-1") + body
