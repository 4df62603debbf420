"""The head of an answer goes with its body, and waits for nothing else."""

import pytest

from api.gathering import PORTION, SMALL, Gathering

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


class Socket:
    """Notes what is done with it."""

    def __init__(self) -> None:
        self.done: list[bytes | str] = []

    def sendall(self, data: bytes) -> None:
        self.done.append(data)

    def shutdown(self) -> None:
        self.done.append("shutdown")


@pytest.fixture
def socket() -> Socket:
    return Socket()


def test_head_and_body_are_one_packet(socket: Socket) -> None:
    gathering = Gathering(socket)

    gathering.sendall(HEAD)
    gathering.sendall(b"{}")
    gathering.flush()

    assert socket.done == [HEAD + b"{}"]


def test_the_head_of_a_stream_goes_at_once(socket: Socket) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    Gathering(socket).sendall(head)

    assert socket.done == [head]


def test_a_large_body_is_not_copied(socket: Socket) -> None:
    gathering, body = Gathering(socket), bytes(SMALL)

    gathering.sendall(HEAD)
    gathering.sendall(body)

    assert socket.done == [HEAD, body]


def test_a_head_without_a_body_goes_at_the_end_or_before_anything_else(socket: Socket) -> None:
    gathering = Gathering(socket)

    gathering.sendall(HEAD)
    gathering.shutdown()
    gathering.sendall(HEAD)
    gathering.flush()

    assert socket.done == [HEAD, "shutdown", HEAD]


def test_more_is_received_than_was_asked_for(socket: Socket) -> None:
    asked: list[int] = []
    socket.recv = lambda size: asked.append(size) or b"abc"  # type: ignore[attr-defined]

    assert Gathering(socket).recv(8192) == b"abc"
    assert asked == [PORTION]
