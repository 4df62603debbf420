"""Prediction requests on their way: a list for each model, and a list for each answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Self, cast

from redis import Redis

from worker.errors import QueueFullError
from worker.store import keys, records
from worker.store.connection import BLOCK_SECONDS
from worker.store.scripts import run

DRAINER_MS = 2000
"""A drainer that has not drained for so long is taken for dead."""


@dataclass(frozen=True)
class Request:
    """A prediction request as it came over HTTP: nothing of it is decoded before the worker does."""

    id: str
    created_at: datetime
    body: bytes

    def encode(self) -> bytes:
        """The form in which it waits: its ID, its time, and the body as it came."""
        return b"%s\n%s\n%s" % (self.id.encode(), self.created_at.isoformat().encode(), self.body)

    @classmethod
    def decode(cls, item: bytes) -> Self:
        """Read what `encode` wrote."""
        identifier, created_at, body = item.split(b"\n", 2)
        return cls(identifier.decode(), datetime.fromisoformat(created_at.decode()), body)


@dataclass(frozen=True)
class Reply:
    """The answer to a request.

    `body` is JSON: the prediction itself, a list of `{pointer, detail}` for input that does not fit the model,
    or `{message}` for a failure.
    """

    kind: Literal["prediction", "bad_input", "failure"]
    body: bytes

    def encode(self) -> bytes:
        """The form in which it travels."""
        return self.kind.encode() + b"\n" + self.body

    @classmethod
    def decode(cls, item: bytes) -> Self:
        """Read what `encode` wrote."""
        kind, body = item.split(b"\n", 1)
        return cls(cast(Literal["prediction", "bad_input", "failure"], kind.decode()), body)


def new_request(body: bytes) -> Request:
    """A request made now."""
    return Request(records.new_id("pred"), datetime.now(UTC), body)


class Predictions:
    """The way of predictions from the API to a worker and back."""

    def __init__(self, redis: Redis, *, most_pending: int, lifetime_seconds: float) -> None:
        self._redis = redis
        self._most_pending = most_pending
        self._lifetime_ms = int(lifetime_seconds * 1000)

    def ask(self, model_id: str, request: Request) -> bool:
        """Put a request on its model's list. True: nobody drains the list yet, send a wake-up.

        Raises:
            QueueFullError: as many requests wait for this model as may.

        """
        wake = run(
            self._redis,
            "ask",
            [keys.pending_predictions(model_id), keys.drainer(model_id)],
            request.encode(),
            self._most_pending,
            self._lifetime_ms,
            DRAINER_MS,
        )
        if wake < 0:
            raise QueueFullError(f"{self._most_pending} predictions wait for model {model_id} already")
        return bool(wake)

    def wake_again(self, model_id: str) -> bool:
        """Whether requests wait although no drainer has been at work for a while: then send another wake-up."""
        return bool(
            self._redis.exists(keys.pending_predictions(model_id))
            and self._redis.set(keys.drainer(model_id), 1, nx=True, px=DRAINER_MS)
        )

    def drain(self, model_id: str, most: int) -> list[Request]:
        """Take up to `most` requests; with none left, the drainer has signed off."""
        taken = run(
            self._redis, "drain", [keys.pending_predictions(model_id), keys.drainer(model_id)], most, DRAINER_MS
        )
        return [Request.decode(item) for item in taken]

    def answer(self, replies: Mapping[str, Reply]) -> None:
        """Give each request ID its answer. An answer that nobody fetches goes by itself."""
        pipeline = self._redis.pipeline(transaction=False)
        for request_id, reply in replies.items():
            pipeline.rpush(keys.reply(request_id), reply.encode())
            pipeline.pexpire(keys.reply(request_id), self._lifetime_ms)
        pipeline.execute()

    def wait(self, request_id: str) -> Reply | None:
        """The answer to a request, or None when it does not come within half a second."""
        answer: Any = self._redis.blpop([keys.reply(request_id)], timeout=BLOCK_SECONDS)
        return None if answer is None else Reply.decode(answer[1])
