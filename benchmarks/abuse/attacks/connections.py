"""Connections: many, slow, or half of what they should be."""

import contextlib
import selectors
import socket
import time
from selectors import BaseSelector, SelectorKey
from typing import Final
from urllib.parse import urlsplit

from benchmarks.abuse.attack import Target

LOOK_SECONDS: Final = 0.5
PIECE: Final = 1 << 16
VERSION: Final = b"HTTP/1.1 "
HALF_A_HEAD: Final = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "


def half_heads(target: Target) -> None:
    """2,000 heads of requests that never end."""
    _hold(target, [HALF_A_HEAD] * 2000)


def streams(target: Target) -> None:
    """600 event streams of a job that runs, more than a process may keep open."""
    path = f"/v1/jobs/{target.job}/events"
    _hold(target, [_head(target, "GET", path, "Accept: text/event-stream")] * 600)


def dripping_bodies(target: Target) -> None:
    """500 bodies of a prediction that come byte by byte, two a second."""
    head = _head(target, "POST", target.predictions, "Content-Type: application/json", "Content-Length: 1000000")
    _hold(target, [head] * 500, drip=b" ")


def small_chunks(target: Target) -> None:
    """A body of 400,000 chunks of one byte, from four clients."""
    head = _head(target, "POST", target.predictions, "Content-Type: application/json", "Transfer-Encoding: chunked")
    _hold(target, [head + b"1\r\n \r\n" * 400_000 + b"0\r\n\r\n"] * 4)


def pipelines(target: Target) -> None:
    """20 clients that send 5,000 requests each and read no answer."""
    _hold(target, [_head(target, "GET", "/v1/models") * 5000] * 20, deaf=True)


def many_headers(target: Target) -> None:
    """Heads with 5,000 headers, from 50 clients."""
    fields = [f"X-{number}: {number}" for number in range(5000)]
    _hold(target, [_head(target, "GET", "/healthz", *fields)] * 50)


def _head(target: Target, method: str, path: str, *fields: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {target.key}", *fields]
    return "\r\n".join([*lines, "", ""]).encode()


def _hold(target: Target, messages: list[bytes], *, drip: bytes = b"", deaf: bool = False) -> None:
    """Open a connection for each message, send it, and keep all of them open while there is time.

    Args:
        target: what is attacked
        messages: what each connection sends
        drip: what each sends again and again after it
        deaf: whether nobody reads the answers

    """
    address = urlsplit(target.url)
    with selectors.DefaultSelector() as selector, contextlib.ExitStack() as stack:
        for message in messages:
            if not target.left:
                return
            with contextlib.suppress(OSError):
                one = stack.enter_context(socket.create_connection((str(address.hostname), address.port), timeout=2))
                one.setblocking(False)
                selector.register(one, _events(message, deaf=deaf), message)
        drips = time.monotonic() + LOOK_SECONDS
        while target.left and (selector.get_map() or deaf):
            for key, ready in selector.select(min(LOOK_SECONDS, target.left)):
                _go_on(target, selector, key, ready, deaf=deaf)
            if drip and time.monotonic() >= drips:
                drips += LOOK_SECONDS
                for key in list(selector.get_map().values()):
                    selector.modify(key.fileobj, _events(drip, deaf=deaf), key.data + drip)


def _events(rest: bytes, *, deaf: bool) -> int:
    """What is waited for; a connection that is deaf and has sent all waits to send, and sends nothing."""
    return (0 if deaf else selectors.EVENT_READ) | (selectors.EVENT_WRITE if rest or deaf else 0)


def _go_on(target: Target, selector: BaseSelector, key: SelectorKey, ready: int, *, deaf: bool) -> None:
    """Send and receive what one connection can."""
    one, rest = key.fileobj, key.data
    assert isinstance(one, socket.socket)
    try:
        if ready & selectors.EVENT_WRITE:
            count = one.send(rest[:PIECE])
            target.sent += count
            rest = rest[count:]
        if ready & selectors.EVENT_READ:
            answer = one.recv(PIECE)
            if answer.startswith(VERSION):
                target.heard[int(answer[len(VERSION) :][:3])] += 1
            if not answer:
                raise ConnectionResetError
    except BlockingIOError:
        return
    except OSError:
        selector.unregister(one)
        return
    if deaf and not rest:
        selector.unregister(one)
    else:
        selector.modify(one, _events(rest, deaf=deaf), rest)
