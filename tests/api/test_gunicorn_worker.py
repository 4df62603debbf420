"""The head of an answer goes with its body, and waits for nothing else; what is refused never reaches gunicorn."""

from socket import socketpair

import pytest

from api import gunicorn_worker as module
from api.gunicorn_worker import CHUNKED_PORTION, DENSE_PORTION, PORTION, SMALL, Gathering

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


def asked(path: str, body: bytes = b"{}") -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def refuse(method: str, path: str) -> bytes | None:
    return f"no {method} {path}".encode() if path == "/refused" else None


def receiving(socket: Socket, *parts: bytes) -> Gathering:
    """What is sent comes in these parts, or less of one when less is asked for."""
    coming = list(parts)

    def recv(size: int) -> bytes:
        part = coming.pop(0) if coming else b""
        if len(part) > size:
            coming.insert(0, part[size:])
        return part[:size]

    socket.recv = recv  # type: ignore[attr-defined]
    return Gathering(socket, refuse)


def test_what_is_refused_at_the_door_is_answered_there_and_the_next_is_waited_for(socket: Socket) -> None:
    gathering = receiving(socket, asked("/refused"), asked("/refused"), asked("/taken"), asked("/refused"))

    assert gathering.recv(8192) == asked("/taken")
    assert socket.done == [b"no POST /refused"] * 2
    assert gathering.recv(8192) == b""
    assert socket.done == [b"no POST /refused"] * 3


def test_a_body_that_comes_later_is_skipped_with_its_request(socket: Socket) -> None:
    refused = asked("/refused", b"12345")
    gathering = receiving(socket, refused[:-5], b"123", b"45" + asked("/refused"), asked("/taken"))

    assert gathering.recv(8192) == asked("/taken")
    assert socket.done == [b"no POST /refused"] * 2


def test_a_body_that_gunicorn_reads_is_never_looked_into(socket: Socket) -> None:
    hidden = asked("/refused")
    taken = asked("/taken", hidden * 2)
    gathering = receiving(socket, taken[: -2 * len(hidden)], hidden, hidden, asked("/refused"))

    assert [gathering.recv(8192) for _ in range(4)] == [taken[: -2 * len(hidden)], hidden, hidden, b""]
    assert socket.done == [b"no POST /refused"], "the last, which is no part of the body"


def test_a_client_that_leaves_in_the_middle_of_a_refused_request_has_left(socket: Socket) -> None:
    assert receiving(socket, asked("/refused", b"12345")[:-1]).recv(8192) == b""
    assert not socket.done


@pytest.mark.parametrize("first", [asked("/taken") + asked("/taken"), asked("/refused") + b"x", b"POST /taken"])
def test_once_the_end_of_a_request_is_not_certain_all_goes_to_gunicorn(socket: Socket, first: bytes) -> None:
    gathering = receiving(socket, first, asked("/refused"), asked("/refused"))
    received = b"".join(gathering.recv(8192) for _ in range(4))

    assert received == first + 2 * asked("/refused")
    assert not socket.done


def test_what_is_too_much_to_skip_goes_to_gunicorn_and_what_follows_is_seen(socket: Socket) -> None:
    large = asked("/refused", bytes(PORTION + 1))
    gathering = receiving(socket, large[: -PORTION - 1], bytes(PORTION + 1), asked("/refused"))

    assert b"".join(gathering.recv(8192) for _ in range(4)) == large
    assert socket.done == [b"no POST /refused"]


def test_a_client_that_was_refused_for_long_sees_gunicorn(socket: Socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_SECONDS", -1.0)
    gathering = receiving(socket, asked("/refused"))

    assert gathering.recv(8192) == asked("/refused")
    assert not socket.done


@pytest.mark.parametrize(("chunked", "most"), [(True, CHUNKED_PORTION), (False, PORTION)])
def test_of_a_body_in_chunks_little_is_taken_at_a_time(chunked: bool, most: int) -> None:
    """For each chunk gunicorn copies the rest of what was taken: 400,000 chunks of a byte held a process up."""
    client, server = socketpair()
    with client, server:
        client.sendall(b"1\r\n \r\n" * 20_000)
        gathering = Gathering(server)
        gathering.begin_body(chunked=chunked)

        assert len(gathering.recv(8192)) == most


@pytest.mark.parametrize(("size", "then"), [(1, DENSE_PORTION), (100, DENSE_PORTION), (1000, CHUNKED_PORTION)])
def test_of_a_body_in_small_chunks_less_is_taken_from_then_on(size: int, then: int) -> None:
    client, server = socketpair()
    with client, server:
        client.sendall((b"%x\r\n" % size + b" " * size + b"\r\n") * (60_000 // (size + 5)))
        gathering = Gathering(server)
        gathering.begin_body(chunked=True)

        assert [len(gathering.recv(8192)) for _ in range(3)] == [CHUNKED_PORTION, then, then]
