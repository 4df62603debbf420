"""Clients that send half of what they began, thousands of them, against the whole service: others notice nothing."""

import json
import resource
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from api.gate.connections import DRAIN_SECONDS, GRACE_SECONDS
from api.local.stack import Stack
from tests.support.clock import wait_until
from tests.support.processes import open_stack

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

CLIENTS = 2000
HEAD_SECONDS = 4.0
POST = b"POST /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def stack(folder: Path, short_leases: None) -> Iterator[Stack]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEUROND_HEAD_SECONDS", str(HEAD_SECONDS))
        patch.setenv("NEUROND_LOG_LEVEL", "warning")
        with open_stack(folder) as stack:
            yield stack


@pytest.fixture(scope="module", autouse=True)
def many_files() -> None:
    """This process opens as many connections as the attack needs."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard), hard))


@contextmanager
def clients(stack: Stack, sent: bytes, *, a_second: int) -> Iterator[list[socket.socket]]:
    """So many clients, each of which has sent this and sends nothing more."""
    address = urlsplit(stack.url)
    with ExitStack() as held:
        opened = []
        for number in range(CLIENTS):
            one = held.enter_context(socket.create_connection((address.hostname, address.port)))
            one.sendall(sent)
            opened.append(one)
            if number % 50 == 49:
                threading.Event().wait(50 / a_second)
        yield opened


@contextmanager
def asked_meanwhile(stack: Stack) -> Iterator[list[float]]:
    """How many seconds each `/healthz` takes that another client asks for, on a new connection each time."""
    seconds: list[float] = []
    over = threading.Event()

    def ask() -> None:
        while not over.wait(0.02):
            begun = time.monotonic()
            with closing(HTTPConnection(urlsplit(stack.url).netloc, timeout=10)) as connection:
                connection.request("GET", "/healthz")
                assert connection.getresponse().status == 200
            seconds.append(time.monotonic() - begun)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield seconds
    finally:
        over.set()
        asking.join()


def first_line(client: socket.socket) -> bytes:
    client.settimeout(60)
    return client.recv(65536).partition(b"\r\n")[0]


def test_two_thousand_half_heads_keep_nobody_waiting_and_are_answered(stack: Stack) -> None:
    with asked_meanwhile(stack) as seconds, clients(stack, POST, a_second=5000) as held:
        answers = [first_line(client) for client in held]

    assert set(answers) == {b"HTTP/1.1 408 Request Timeout"}
    assert max(seconds) < 1, f"{len(seconds)} times, sorted: {sorted(seconds)[-5:]}"
    print(f"half heads: {len(seconds)} × /healthz, at most {max(seconds):.3f} s")


def test_two_thousand_stalled_bodies_keep_nobody_waiting_and_are_answered(stack: Stack) -> None:
    begun = time.monotonic()
    sent = POST + b"Content-Length: 1000\r\n\r\n{"
    with asked_meanwhile(stack) as seconds, clients(stack, sent, a_second=200) as held:
        answers = [first_line(client) for client in held]

    assert set(answers) == {b"HTTP/1.1 408 REQUEST TIMEOUT"}
    assert time.monotonic() - begun > GRACE_SECONDS
    assert max(seconds) < 1, f"{len(seconds)} times, sorted: {sorted(seconds)[-5:]}"
    print(f"stalled bodies: {len(seconds)} × /healthz, at most {max(seconds):.3f} s")


@pytest.mark.parametrize(
    ("head", "status"),
    [(b"Content-Length: 100000000\r\n", b"413"), (b"Content-Length: 100000000000000000000000\r\n", b"413")],
)
def test_what_is_too_large_is_answered_first_and_waited_for_a_little_while(
    stack: Stack, head: bytes, status: bytes
) -> None:
    address = urlsplit(stack.url)
    with socket.create_connection((address.hostname, address.port)) as client:
        begun = time.monotonic()
        client.sendall(POST + head + b"\r\n{")
        answer = first_line(client)
        answered = time.monotonic() - begun
        assert client.recv(65536) == b""

    assert answer.split()[1] == status
    assert answered < 1
    assert time.monotonic() - begun < DRAIN_SECONDS + 2


@pytest.mark.parametrize("chunk", [b"zz\r\n{}\r\n", b"2\r\n{}xx", b"2\r\n{}\r\n0\r\nbad trailer\r\n\r\n", b"-1\r\n"])
def test_a_broken_chunk_is_400_and_the_end(stack: Stack, chunk: bytes) -> None:
    address = urlsplit(stack.url)
    with socket.create_connection((address.hostname, address.port)) as client:
        client.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunk)
        received = b""
        while part := client.recv(65536):
            received += part

    assert received.startswith(b"HTTP/1.1 400 ")
    assert received.count(b"HTTP/1.1") == 1
    assert b"broken" in received


def test_a_request_without_a_host_is_400(stack: Stack) -> None:
    address = urlsplit(stack.url)
    with socket.create_connection((address.hostname, address.port)) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\n\r\n")

        assert first_line(client).startswith(b"HTTP/1.1 400 ")


def test_gunicorns_own_lines_are_json_whatever_a_client_sends(stack: Stack, folder: Path) -> None:
    address = urlsplit(stack.url)
    with socket.create_connection((address.hostname, address.port)) as client:
        client.sendall(b'GET /"\x1b[31m HTTP/9\r\nHost: h\r\n\r\n')
        assert first_line(client).startswith(b"HTTP/1.1 400 ")

    log = folder / "logs" / "api.log"
    wait_until(lambda: b'"gunicorn.error"' in log.read_bytes())
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert all({"time", "level", "logger", "event"} <= line.keys() for line in lines)
