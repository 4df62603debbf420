"""The door sees a request only where gunicorn would see the same one, and nothing after it."""

import pytest
from gunicorn.config import Config
from gunicorn.http import RequestParser
from gunicorn.http.errors import ParseException
from hypothesis import given, settings
from hypothesis import strategies as st

from api.load_shedding.early import Seen, seen

PREDICT = b"POST /v1/models/model_1/predictions HTTP/1.1\r\n"

LENGTHS = (b"Content-Length: %d\r\n", b"content-length:%d\r\n", b"Content-Length: 0%d\r\n", b"Content-Length:\t%d\r\n")
STRANGE = (
    b"Content-Length: +3\r\n",
    b"Content-Length : 3\r\n",
    b"Content-Length: 3, 3\r\n",
    b"Content-Length: 3\n",
    b"X: a\r\n Content-Length: 3\r\n",
    b"X: Content-Length: 3\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: identity\r\n",
    b"Expect: 100-continue\r\n",
    b"Connection: close\r\n",
    b"Accept: */*\r\n",
    b"\r\n",
    b"\n",
)
FIRST_LINES = (
    PREDICT,
    b"GET /healthz HTTP/1.1\r\n",
    b"POST /v1/models/m/predictions?x=1 HTTP/1.1\r\n",
    b"POST /v1/models/%6d/predictions HTTP/1.1\r\n",
    b"POST http://h/v1/models/m/predictions HTTP/1.1\r\n",
    b"POST /v1/models/m/predictions HTTP/1.0\r\n",
    b"POST /v1/models/m/predictions\r\n",
)
BODIES = (b"", b"abc", b"abcd", b"3\r\nabc\r\n0\r\n\r\n", b"abc" + PREDICT + b"\r\n")


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Most of them with a head that fits its body, and some line that makes it doubtful."""
    body = draw(st.sampled_from(BODIES))
    fitting = draw(st.lists(st.sampled_from([line % len(body) for line in LENGTHS]), min_size=0, max_size=2))
    head = draw(st.permutations([b"Host: h\r\n", *fitting, *draw(st.lists(st.sampled_from(STRANGE), max_size=1))]))
    return draw(st.sampled_from(FIRST_LINES)) + b"".join(head) + b"\r\n" + body + draw(st.sampled_from((b"", b"x")))


@given(requests(), st.integers(0, 60))
@settings(max_examples=1000)
def test_gunicorn_reads_the_same_request_and_nothing_is_left(sent: bytes, later: int) -> None:
    received = sent[: len(sent) - later]
    request = seen(received)
    if request is None or request.missing > later:
        return
    ends = len(received) + request.missing
    parser = RequestParser(Config(), iter([received, sent[len(received) : ends]]), ("127.0.0.1", 1))
    try:
        read = next(parser)
    except ParseException:  # refused by gunicorn: then the connection ends with it
        return
    body = read.body.read()

    assert (read.method, read.path) == request[:2]
    assert sent[:ends].endswith(b"\r\n\r\n" + body)
    assert not read.should_close()
    with pytest.raises(StopIteration):
        next(parser)


@pytest.mark.parametrize(
    "received",
    [
        b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n",
        PREDICT + b"Host: h\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc",
        PREDICT + b"HOST:h\r\ncontent-length:  0\r\n\r\n",
    ],
)
def test_an_ordinary_request_is_seen_whole(received: bytes) -> None:
    request = seen(received)

    assert request is not None
    assert request.missing == 0


def test_what_is_missing_of_a_body_is_known() -> None:
    head = PREDICT + b"Host: h\r\nContent-Length: 300\r\n\r\n"

    assert seen(head) == Seen("POST", "/v1/models/model_1/predictions", 300)
    assert seen(head + b"x" * 100) == Seen("POST", "/v1/models/model_1/predictions", 200)


@pytest.mark.parametrize(
    "received",
    [
        b"",
        b"\x16\x03\x01\x02\x00",
        PREDICT,
        PREDICT + b"Host: h\r\nContent-Length: 2\r\n\r\nabc",
        PREDICT + b"Host: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        PREDICT + b"Host: h\r\nContent-Length : 3\r\n\r\nabc",
        PREDICT + b"Host: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
        PREDICT + b"Host: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc",
        PREDICT + b"Host: h\r\nX: y\n\r\nContent-Length: 0\r\n\r\n",
        PREDICT + b"Host: h\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc",
        b"POST /v1/models/m/predictions HTTP/1.0\r\nContent-Length: 0\r\n\r\n",
        PREDICT + b"Content-Length: 0\r\n\r\n",
        b"GO /healthz HTTP/1.1\r\nHost: h\r\n\r\n",
        PREDICT + b"Host: h\r\nX\xe4: y\r\n\r\n",
        PREDICT + b"Host: h\r\nX: y\x00\r\n\r\n",
        PREDICT + b"Host: h\r\nX: y\r\n folded\r\n\r\n",
        PREDICT + b"Host: h\r\nno colon\r\n\r\n",
    ],
)
def test_what_is_not_certain_is_not_seen(received: bytes) -> None:
    assert seen(received) is None
