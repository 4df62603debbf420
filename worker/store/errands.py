"""Errands: small things that a files worker does while someone waits, such as writing a model in another format.

An errand is at its own key for as long as someone may wait for it; the wake-up carries its ID. It can be done twice
without harm, so who waits and hears nothing sends the wake-up again, and a crash needs no other care. A worker that is
busy with a large file looks at the list of errands meanwhile: nobody waits behind an upload.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from queue import Empty
from typing import Any, Final

import orjson
from redis import Redis

from worker.store import keys, records
from worker.store.listener import BLOCK_SECONDS, START, Listener, Position

AGAIN_SECONDS: Final = 5.0
"""Without an answer for so long, the wake-up is sent again."""


class Errands:
    """All errands under way."""

    def __init__(self, redis: Redis, *, seconds: float) -> None:
        """`seconds`: how long an answer is waited for."""
        self._redis = redis
        self._seconds = seconds
        self._answers = Listener("answers of errands", self._wait)

    def run(self, errand: Mapping[str, Any], wake: Callable[[str], None]) -> dict[str, Any] | None:
        """What a worker answers; None when none did in time.

        Args:
            errand: what is to be done
            wake: sends the wake-up of an ID

        """
        identifier = records.new_id("errand")
        lifetime = int(self._seconds * 1000)
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.set(keys.errand(identifier), orjson.dumps(errand), px=lifetime)
        pipeline.rpush(keys.ERRANDS, identifier)
        pipeline.pexpire(keys.ERRANDS, lifetime)
        pipeline.execute()
        try:
            return self._answer(identifier, wake)
        finally:
            pipeline.delete(keys.errand(identifier))
            pipeline.lrem(keys.ERRANDS, 0, identifier)
            pipeline.execute()

    def waiting(self) -> int:
        """How many are under way."""
        return int(self._redis.llen(keys.ERRANDS))

    def _answer(self, identifier: str, wake: Callable[[str], None]) -> dict[str, Any] | None:
        """The answer, for which all who wait in one process share one connection."""
        deadline = time.monotonic() + self._seconds
        with self._answers.listen(identifier) as mailbox:
            while (left := deadline - time.monotonic()) > 0:
                wake(identifier)
                try:
                    item = mailbox.get(timeout=min(left, AGAIN_SECONDS))
                except Empty:
                    continue
                if isinstance(item, Exception):
                    raise item
                result: dict[str, Any] = orjson.loads(item)
                return result
        return None

    def _wait(self, identifiers: Mapping[str, Position]) -> Iterator[tuple[str, Position, bytes]]:
        """The first answer to any of these errands; up to `BLOCK_SECONDS` for it."""
        answers = {keys.errand_answer(identifier): identifier for identifier in identifiers}
        answer: Any = self._redis.blpop(list(answers), timeout=BLOCK_SECONDS)
        if answer is not None:
            key, result = answer
            yield answers[key.decode()], START, result

    def next(self) -> str | None:
        """The ID of an errand that may still wait."""
        answer: Any = self._redis.lpop(keys.ERRANDS)
        return None if answer is None else str(answer.decode())

    def take(self, identifier: str) -> dict[str, Any] | None:
        """What is to be done; None when it is done, or nobody waits any more."""
        answer: Any = self._redis.get(keys.errand(identifier))
        return None if answer is None else orjson.loads(answer)

    def answer(self, identifier: str, result: Mapping[str, Any]) -> None:
        """Give the answer, once. One that nobody fetches goes by itself."""
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.delete(keys.errand(identifier))
        pipeline.rpush(keys.errand_answer(identifier), orjson.dumps(result))
        pipeline.pexpire(keys.errand_answer(identifier), int(self._seconds * 1000))
        pipeline.execute()
