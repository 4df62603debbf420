"""The exchange: predictions on their way from the API to a worker, and back.

Requests wait in lanes, and lanes take turns: one a model, and one more for the long requests to it, in the middle
of which short ones are answered. A batcher, a Celery task at work, takes what waits in the next lane, and puts each
answer on the list of the API process that asked. Nothing here is a record: what is lost was asked by somebody who still
waits, and asks again. So the prediction queue may stand in a Redis that never writes to disk.

A large body waits beside the lane, in a key of its own: a script would copy it at each of its steps.
"""

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Self

import orjson
from redis import Redis

from worker.errors import PredictionExpiredError
from worker.settings import Settings
from worker.store import keys
from worker.store.connection import BLOCK_SECONDS, connect
from worker.store.health import check_writes
from worker.store.scripts import run, run_all
from worker.store.stats import Server

BATCHER_MS: Final = 1000
"""Silence after which a batcher is taken for dead."""

WAKE_UP_MS: Final = 2000
"""How long a wake-up may be under way before another is sent."""

LIST_MS: Final = 60_000
"""How long a list that nobody reads is kept."""

REPLIES_AT_ONCE: Final = 256

LARGE: Final = 256 * 1024
"""Bytes from which a body waits beside the lane."""

LONG_BYTES: Final = 64 * 1024
"""Bytes from which a body takes longer than most: it waits in the model's second lane, as packed ones do.

Sixty images of MNIST as floats reach it; they take about 5 ms.
"""

LONG: Final = ":long"
"""Ends the name of a model's second lane; no ID has a colon."""


@dataclass(frozen=True)
class Request:
    """What is asked of a model: a body as it came over HTTP, and what HTTP said of it. Only the worker decodes it.

    `form` names how the body is read and the answer written (`worker.inference.codecs`), `about` holds what that form
    needs to know beside the body. `reply_to` is the API process that waits, until `deadline` by our own monotonic
    clock; what travels is the length of that time.
    """

    id: str
    reply_to: str
    form: str
    created_at: str
    about: Mapping[str, Any]
    body: bytes
    deadline: float = field(default=math.inf, compare=False)
    yield_to_short: Callable[[], object] = field(default=lambda: None, compare=False, repr=False)
    """Called between two steps of a long one: what is short need not wait for its end."""

    def check_deadline(self) -> None:
        """Let others have their turn; raise PredictionExpiredError when nobody waits for the answer any more."""
        self.yield_to_short()
        if time.monotonic() > self.deadline:
            raise PredictionExpiredError(f"{self.id}: nobody waits for the answer any more")

    @property
    def large(self) -> bool:
        """Whether its body waits beside the lane."""
        return len(self.body) >= LARGE

    def lane(self, model_id: str) -> str:
        """Where it waits for a model."""
        is_long = len(self.body) >= LONG_BYTES or "encoding" in self.about
        return model_id + LONG if is_long else model_id

    def encode(self) -> bytes:
        """The form in which it waits: the body's size, a line of JSON, and the body, unless that waits beside."""
        head = orjson.dumps((self.id, self.reply_to, self.form, self.created_at, self.about))
        return b"%d\n%b\n%b" % (len(self.body), head, b"" if self.large else self.body)

    @classmethod
    def decode(cls, item: bytes, start: int = 0) -> tuple[Self, int]:
        """Read what `encode` wrote, from `start` on: the request, and how many bytes of its body wait beside."""
        stated = item.index(b"\n", start)
        end = item.index(b"\n", stated + 1)
        identifier, reply_to, form, created_at, about = orjson.loads(item[stated + 1 : end])
        body = item[end + 1 :]
        return cls(identifier, reply_to, form, created_at, about, body), int(item[start:stated]) - len(body)


@dataclass(frozen=True)
class Reply:
    """The answer to a request: what kind of answer, its body, and the headers that HTTP should give it.

    Kinds: `prediction`; `bad_input` and, where a body could not be read at all, `bad_body`, whose own body is a list of
    `{pointer, detail}`; `not_found` and `failure`, whose body is `{message}`.
    """

    kind: str
    body: bytes
    headers: Mapping[str, str]

    def encode(self, request_id: str) -> bytes:
        """The form in which it travels."""
        return orjson.dumps((request_id, self.kind, self.headers)) + b"\n" + self.body

    @classmethod
    def decode(cls, item: bytes) -> tuple[str, Self]:
        """Read what `encode` wrote: the request's ID and the reply."""
        end = item.index(b"\n")
        request_id, kind, headers = orjson.loads(item[:end])
        return request_id, cls(kind, item[end + 1 :], headers)


@dataclass(frozen=True)
class Taken:
    """What a batcher took at one turn: a lane, and its requests without those that expired."""

    lane: str
    requests: list[Request]
    expired: int

    @property
    def model_id(self) -> str:
        """The model that they ask."""
        return self.lane.removesuffix(LONG)

    @property
    def is_long(self) -> bool:
        """Whether it is the lane of long requests."""
        return self.lane.endswith(LONG)


class PredictionQueue:
    """The lanes of one Redis."""

    def __init__(self, redis: Redis, *, most_pending: int, most_in_all: int, alone: bool = False) -> None:
        self._shared = redis
        self._most_pending = most_pending
        self._most_in_all = most_in_all
        self._alone = alone
        self._redis_ahead: float | None = None
        """Redis's clock minus this process's own, in seconds, at the last look."""

    @classmethod
    def over(cls, redis: Redis, settings: Settings) -> Self:
        """The exchange in `redis`, with the bounds of the settings."""
        return cls(redis, most_pending=settings.max_pending_predictions, most_in_all=settings.max_pending_in_all)

    @classmethod
    def for_batcher(cls, settings: Settings) -> Self:
        """The exchange as one who takes requests should open it.

        Nothing is tried again: what a lost answer held is lost, and a second try would hide it.
        """
        return cls.over(connect(settings.exchange_url or settings.redis_url, retry=False), settings)

    def alone(self) -> Self:
        """The same exchange for one thread that asks it all the time, over a connection of its own.

        Taking a connection from those that all share, looking whether it still stands, and giving it back costs more
        than the command.
        """
        return type(self)(self._shared, most_pending=self._most_pending, most_in_all=self._most_in_all, alone=True)

    @cached_property
    def _redis(self) -> Redis:
        return self._shared.client() if self._alone else self._shared  # type: ignore[no-untyped-call]

    def ask(self, asked: Mapping[str, Sequence[tuple[Request, int]]]) -> tuple[dict[str, int], bool]:
        """Put requests, each with its lifetime in milliseconds, in their lanes.

        Returns:
            How many were taken of each lane's, the first ones: no more may wait. And whether a batcher must be woken.

        """
        for requests in asked.values():
            for request, lifetime in requests:
                if request.large:
                    self._redis.set(keys.body(request.id), request.body, px=lifetime)
        answers = run_all(
            self._redis,
            "ask",
            [
                (
                    [keys.pending(lane), keys.ROUND_ROBIN, keys.BATCHERS],
                    [
                        lane,
                        self._most_pending,
                        self._most_in_all,
                        WAKE_UP_MS,
                        LIST_MS,
                        keys.pending(""),
                        *(part for request, lifetime in requests for part in (lifetime, request.encode())),
                    ],
                )
                for lane, requests in asked.items()
            ],
        )
        taken = {lane: answer[0] for lane, answer in zip(asked, answers, strict=True)}
        for lane, requests in asked.items():
            for request, _ in requests[taken[lane] :]:
                if request.large:
                    self._redis.delete(keys.body(request.id))
        return taken, any(answer[1] for answer in answers)

    def check(self) -> None:
        """Raise RedisError unless its Redis takes writes."""
        check_writes(self._redis)

    def server(self) -> Server:
        """How its Redis fares."""
        account: Any = self._redis.info()
        return Server.of(account)

    def waiting(self) -> tuple[int, int]:
        """How many requests wait, and for how many models."""
        turns: Any = self._redis.lrange(keys.ROUND_ROBIN, 0, -1)
        lanes = [lane.decode() for lane in set(turns) if lane]
        pipeline = self._redis.pipeline(transaction=False)
        for lane in lanes:
            pipeline.llen(keys.pending(lane))
        lengths = dict(zip(lanes, pipeline.execute(), strict=True))
        return sum(lengths.values()), len({lane.removesuffix(LONG) for lane, length in lengths.items() if length})

    def replies(self, process: str) -> list[tuple[str, Reply]]:
        """The answers for an API process, by the IDs of their requests; waits for the first up to half a second."""
        found: Any = self._pop_first(REPLIES_AT_ONCE, keys.replies(process))
        return [Reply.decode(item) for item in found[1]] if found else []

    @property
    def master(self) -> tuple[str, int] | None:
        """The server that Sentinels name, as its connections know it; None where there are no Sentinels."""
        return getattr(self._shared.connection_pool, "master_address", None)

    def watch(self) -> tuple[int, bool]:
        """A count that changes when requests may have been lost; and whether a batcher must be woken."""
        deaths, wake = run(self._redis, "watch", [keys.ROUND_ROBIN, keys.BATCHERS, keys.DEATHS], WAKE_UP_MS)
        return deaths, bool(wake)

    def take(
        self,
        batcher: str,
        *,
        most: int,
        most_bytes: int,
        answers: Iterable[tuple[Request, Reply]] = (),
        only_short: bool = False,
    ) -> Taken | None:
        """Give the answers to what was taken before, and take the next lane's requests; None when none wait.

        `only_short` leaves the lanes of long requests where they are.
        """
        by_process: dict[str, list[bytes]] = {}
        for request, reply in answers:
            by_process.setdefault(request.reply_to, []).append(reply.encode(request.id))
        parts: list[str | bytes | int] = [
            batcher,
            BATCHER_MS,
            LIST_MS,
            keys.pending(""),
            most,
            most_bytes,
            LONG if only_short else "",
        ]
        for process, replies in by_process.items():
            parts += [keys.replies(process), len(replies), *replies]
        [(now, *turn)] = run_all(self._redis, "take", [([keys.ROUND_ROBIN, keys.BATCHERS], parts)])
        self._redis_ahead = now / 1000 - time.monotonic()
        if not turn:
            return None
        return self._taken(turn[0].decode(), turn[1:])

    def answer(self, batcher: str, answers: Iterable[tuple[Request, Reply]]) -> None:
        """Give answers, and take nothing."""
        self.take(batcher, most=0, most_bytes=0, answers=answers)

    def wait_for_more(self, lane: str, most: int) -> Taken | None:
        """Wait up to half a second for requests, as one who served this lane last.

        Its next ones are taken on the spot. Of another lane only the turn is met: take it then.
        """
        pending = keys.pending(lane)
        found: Any = self._pop_first(most, pending, keys.ROUND_ROBIN)
        if not found:
            return None
        key, items = found
        if key != pending.encode():
            self._redis.lpush(keys.ROUND_ROBIN, *reversed(items))
            return None
        return self._taken(lane, items)

    def _taken(self, lane: str, items: Sequence[bytes]) -> Taken:
        """What was taken, whole; without those that have expired, or whose body has."""
        requests: list[Request] = []
        now = time.monotonic()
        for item in items:
            stamp = item.index(b"\n")
            deadline = math.inf if self._redis_ahead is None else int(item[:stamp]) / 1000 - self._redis_ahead
            if deadline < now:
                continue
            request, beside = Request.decode(item, stamp + 1)
            if beside:
                body: Any = self._redis.getdel(keys.body(request.id))
                if body is None:
                    continue
                request = replace(request, body=body)
            requests.append(replace(request, deadline=deadline))
        return Taken(lane, requests, expired=len(items) - len(requests))

    def renew(self, batcher: str) -> None:
        """Say that a batcher lives, while it is busy with what it took."""
        run(self._redis, "batcher", [keys.BATCHERS], batcher, BATCHER_MS)

    def leave(self, batcher: str) -> bool:
        """Sign a batcher off. True: requests wait, and nobody else is at work; send a wake-up."""
        self._redis.zrem(keys.BATCHERS, batcher)
        return self.watch()[1]

    def _pop_first(self, most: int, *lists: str) -> Any:
        """The first of these lists that holds anything, and up to `most` of it; waits up to half a second for it."""
        execute: Any = self._redis.execute_command
        return execute("BLMPOP", BLOCK_SECONDS, len(lists), *lists, "LEFT", "COUNT", most)
