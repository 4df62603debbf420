"""Refusal at the door: what is seen there is what gunicorn would see, and a request behind it is still one."""

from gunicorn.config import Config
from gunicorn.http import RequestParser
from gunicorn.http.errors import ParseException

from api.load_shedding.early import seen

MARKER = b"GET /marker HTTP/1.1\r\nHost: h\r\n\r\n"


def one(data: bytes) -> None:
    """Both read it, with the bytes that the door still waits for, and a request behind them."""
    request = seen(data)
    if request is None or request.missing > len(data) + 4096:
        return
    whole = data + b"x" * request.missing
    parser = RequestParser(Config(), iter([whole + MARKER]), ("127.0.0.1", 1))
    try:
        read = next(parser)
    except ParseException:  # gunicorn ends the connection with it
        return
    body = read.body.read()
    assert (read.method, read.path) == (request.method, request.path)
    assert whole.endswith(b"\r\n\r\n" + body)
    assert not read.should_close()
    behind = next(parser)
    assert (behind.method, behind.path) == ("GET", "/marker")
