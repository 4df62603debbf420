"""Clients that keep a process waiting: how long it waits, and who makes room for whom."""

import math
from collections import deque
from dataclasses import dataclass, field

import pytest

from api.gate.connections import GIVEN_UP_AT_ONCE, Connections, Pace, TooSlowError
from api.gunicorn_worker import Gathering

HALF = b"POST /v1/jobs HTTP/1.1\r\nHost: h\r\n"
PACE = Pace(head_seconds=10, bytes_per_second=1000)


@dataclass(eq=False)
class Client:
    """A connection that is there to be counted."""

    address: str = "a"
    deadline: float = math.inf
    given_up: bool = False

    def give_up(self) -> None:
        self.given_up = True


@dataclass
class Line:
    """A socket on which these parts come, and then nothing until it is shut."""

    parts: deque[bytes]
    connections: Connections
    now: float = math.inf
    sent: list[bytes] = field(default_factory=list)
    shut: bool = False

    def recv(self, size: int) -> bytes:
        if self.parts:
            return self.parts.popleft()
        self.connections.look(self.now)
        if self.shut:
            raise OSError("closed in another greenlet")
        raise BlockingIOError

    def sendall(self, data: bytes) -> None:
        self.sent.append(data)

    def shutdown(self, how: int) -> None:
        self.shut = True


@pytest.fixture
def connections() -> Connections:
    return Connections(most=4, most_of_address=3)


def gathering(connections: Connections, *parts: bytes) -> tuple[Gathering, Line]:
    line = Line(deque(parts), connections)
    made = Gathering(line, pace=PACE, connections=connections)
    made.too_slow = b"HTTP/1.1 408"
    return made, line


def enter(connections: Connections, number: int, address: str) -> list[Client]:
    clients = [Client(address) for _ in range(number)]
    for client in clients:
        assert connections.enter(client)
        connections.wait(client)
    return clients


def test_one_more_of_an_address_takes_the_room_of_its_own_that_is_silent_for_longest(connections: Connections) -> None:
    [other] = enter(connections, 1, "b")
    first, second, third = enter(connections, 3, "a")
    connections.resume(first)
    connections.wait(first)

    assert connections.enter(Client("a"))

    assert [one.given_up for one in (other, first, second, third)] == [False, False, True, False]
    assert len(connections) == 4


def test_one_more_in_all_takes_the_room_of_whoever_is_silent_for_longest(connections: Connections) -> None:
    [other] = enter(connections, 1, "b")
    enter(connections, 3, "a")

    assert connections.enter(Client("c"))
    assert other.given_up


def test_where_all_are_being_answered_there_is_no_room(connections: Connections) -> None:
    for client in enter(connections, 3, "a"):
        connections.resume(client)

    assert not connections.enter(Client("a"))
    assert connections.enter(Client("b"))
    assert not connections.enter(Client("b"))


def test_who_leaves_makes_room_once(connections: Connections) -> None:
    clients = enter(connections, 3, "a")
    enter(connections, 1, "a")

    for client in clients:
        connections.leave(client)

    assert len(connections) == 1
    assert len(enter(connections, 2, "a")) == 2
    assert len(connections) == 3


def test_those_who_are_late_are_given_up_bit_by_bit() -> None:
    connections = Connections(most=1000, most_of_address=1000)
    late = enter(connections, GIVEN_UP_AT_ONCE + 10, "a")
    for client in late:
        client.deadline = 1.0
    [early] = enter(connections, 1, "a")
    early.deadline = 3.0

    connections.look(2.0)
    first = sum(client.given_up for client in late)
    connections.look(2.0)

    assert first == GIVEN_UP_AT_ONCE
    assert all(client.given_up for client in late)
    assert not early.given_up


@pytest.mark.parametrize(
    ("received", "now", "deadline"),
    [(0, 100, 120), (50_000, 100, 120), (50_000, 160, 170), (50_000, 145, 165), (10**9, 200, 220)],
)
def test_a_body_must_come_at_a_rate_and_without_long_pauses(received: int, now: float, deadline: float) -> None:
    assert PACE.body_deadline(100, received, now) == deadline


def test_half_a_head_is_told_that_it_is_late(connections: Connections) -> None:
    half, line = gathering(connections, HALF)

    assert (half.recv(8192), half.recv(8192)) == (HALF, b"")
    assert line.sent == [b"HTTP/1.1 408"]


def test_who_said_nothing_is_told_nothing(connections: Connections) -> None:
    silent, line = gathering(connections)

    assert silent.recv(8192) == b""
    assert line.sent == []


def test_between_two_requests_gunicorn_says_how_long_to_wait(connections: Connections) -> None:
    idle, line = gathering(connections, HALF)
    idle.recv(8192)
    idle.begin_body()
    assert idle.finish(Nothing())
    line.now = 1e12

    with pytest.raises(BlockingIOError):
        idle.recv(8192)
    assert idle.deadline == math.inf


def test_a_body_that_is_late_is_told_to_who_reads_it(connections: Connections) -> None:
    late, line = gathering(connections, HALF, b"some")
    late.recv(8192)
    late.begin_body()

    assert late.recv(8192) == b"some"
    with pytest.raises(TooSlowError):
        late.recv(8192)
    assert not late.finish(Nothing()), "where the next request begins nobody knows"
    assert line.sent == []


def test_after_the_answer_a_body_is_read_for_a_while_and_then_left() -> None:
    connections = Connections(most=1, most_of_address=1)
    answered, line = gathering(connections, HALF, b"x", b"y")
    answered.recv(8192)
    answered.begin_body()
    answered.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")

    whole = answered.finish(Body(answered))

    assert not whole
    assert len(line.sent) == 1
    assert line.shut


@dataclass
class Body:
    """What is left of a request's body, as gunicorn reads it."""

    source: Gathering

    def read(self, size: int) -> bytes:
        return self.source.recv(size)


class Nothing:
    """A body of which nothing is left."""

    def read(self, size: int) -> bytes:
        return b""
