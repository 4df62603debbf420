"""The batcher: a Celery task that answers what waits in the prediction queue, for as long as something does."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from types import TracebackType
from typing import Final

from redis.exceptions import RedisError

from worker.failover.redis_errors import AWAY
from worker.inference.batch import Answers, portions
from worker.inference.cache import ModelCache
from worker.messaging.queue import Queue
from worker.observability import tracing
from worker.runtime.pass_watchdog import Passes
from worker.settings import Settings
from worker.store import Store
from worker.store.prediction_queue import BATCHER_MS, PredictionQueue, Taken
from worker.store.records import new_id

logger = logging.getLogger(__name__)

REQUESTS_PER_PASS: Final = 64
BYTES_PER_PASS: Final = 4 * 1024 * 1024
"""A pass ends with the request that reaches this, so that large bodies do not gather in memory."""

WAIT_FOR_MORE_SECONDS: Final = 2.0
"""How long a batcher waits for more before it ends: the next request then needs no Celery message."""

SHIFT_SECONDS: Final = 60.0
"""How long a batcher runs before it hands over, however much waits: no Celery task runs for ever."""

YIELD_SECONDS: Final = 0.02
"""How long a long request runs before short ones that wait are answered, one lane of them at a time."""

PAUSE_SECONDS: Final = 0.2
"""Between two tries while the prediction queue is away."""


class Inference:
    """Answers the predictions that wait."""

    def __init__(
        self, store: Store, queue: Queue, settings: Settings, *, stopping: Callable[[], bool], passes: Passes
    ) -> None:
        """`stopping` tells whether this worker shuts down, `passes` is what its watchdog looks at."""
        self._store = store
        self._queue = queue
        self._stopping = stopping
        self._passes = passes
        self._most_body_bytes = settings.max_prediction_bytes
        self._shared = PredictionQueue.for_batcher(settings)
        self._prediction_queue = self._shared.alone()
        self._models = ModelCache(store, settings.model_cache_bytes)

    def drain(self) -> None:
        """Answer what waits, lane by lane in turn, then wait a moment for more."""
        ends = time.monotonic() + SHIFT_SECONDS
        while True:
            try:
                with Heartbeat(self._shared) as batcher:
                    self._serve(batcher, ends)
                wanted = self._prediction_queue.leave(batcher)
            except AWAY as error:
                # Go on under another name: this one's lease ends, and what was in its hand is asked again.
                logger.warning("batcher %s: the prediction queue is away: %s", batcher, error)
                if time.monotonic() > ends or self._stopping():
                    raise
                time.sleep(PAUSE_SECONDS)
            else:
                break
        if wanted:
            self._queue.send_predict()

    def _serve(self, batcher: str, ends: float) -> None:
        answers: Answers = []
        served, quiet_since = "", time.monotonic()
        while time.monotonic() < ends and not self._stopping():
            taken = self._prediction_queue.take(
                batcher, most=REQUESTS_PER_PASS, most_bytes=BYTES_PER_PASS, answers=answers
            )
            answers = []
            if taken is None:
                if time.monotonic() > quiet_since + WAIT_FOR_MORE_SECONDS:
                    return
                taken = self._prediction_queue.wait_for_more(served, REQUESTS_PER_PASS)
                if taken is None:
                    continue
            answers = self._counted(batcher, taken)
            served, quiet_since = taken.lane, time.monotonic()
        self._prediction_queue.answer(batcher, answers)

    def _answer(self, batcher: str, taken: Taken) -> tuple[Answers, Counter[str]]:
        """The last answers, and how many of each kind there were; those before the last portion are given already."""
        answers: Answers = []
        kinds: Counter[str] = Counter()
        requests, between = taken.requests, None
        if taken.is_long:
            between = _Between(lambda: self._answer_short(batcher))
            requests = [replace(request, yield_to_short=between.yield_to_short) for request in requests]
        for portion in portions(self._models, taken.model_id, requests, most_bytes=self._most_body_bytes):
            if answers:
                self._prediction_queue.answer(batcher, answers)
            answers = portion
            kinds.update(reply.kind for _, reply in portion)
            self._passes.begin()
        if between is not None:
            between.check()
        kinds["expired"] += taken.expired + len(taken.requests) - kinds.total()
        return answers, kinds

    def _answer_short(self, batcher: str) -> None:
        """Answer the short requests of the next lane, if there are any, in the middle of long ones."""
        taken = self._prediction_queue.take(batcher, most=REQUESTS_PER_PASS, most_bytes=BYTES_PER_PASS, only_short=True)
        if taken is not None:
            self._prediction_queue.answer(batcher, self._counted(batcher, taken))

    def _counted(self, batcher: str, taken: Taken) -> Answers:
        begun = time.monotonic()
        with _span(taken), self._passes.one():
            answers, kinds = self._answer(batcher, taken)
        self._count(kinds, len(taken.requests), time.monotonic() - begun)
        return answers

    def _count(self, kinds: Counter[str], requests: int, seconds: float) -> None:
        metrics = self._store.metrics
        for kind, number in kinds.items():
            metrics.prediction_requests.labels(kind).inc(number)
        metrics.prediction_batch_requests.observe(requests)
        metrics.prediction_pass_seconds.observe(seconds)


def _span(taken: Taken) -> AbstractContextManager[None]:
    """One pass belongs to the trace of its first request, and is linked to those of the others."""
    abouts = [request.about for request in taken.requests]
    asking: list[str] = [about[tracing.TRACEPARENT] for about in abouts if tracing.TRACEPARENT in about]
    parent, links = (asking[0], asking[1:]) if asking else (None, [])
    return tracing.span(
        "predict", parent=parent, links=links, consumer=True, model=taken.model_id, requests=len(abouts)
    )


class _Between:
    """Short requests, answered between two steps of a long one."""

    def __init__(self, answer: Callable[[], None]) -> None:
        self._answer = answer
        self._next = time.monotonic() + YIELD_SECONDS
        self._error: Exception | None = None

    def yield_to_short(self) -> None:
        """Answer some, unless that was a moment ago. Raises nothing: whoever reads a request takes errors for its."""
        if self._error is not None or time.monotonic() < self._next:
            return
        try:
            self._answer()
        except AWAY as error:
            self._error = error
        self._next = time.monotonic() + YIELD_SECONDS

    def check(self) -> None:
        """Raise what happened meanwhile."""
        if self._error is not None:
            raise self._error


class Heartbeat(threading.Thread):
    """Says again and again that a batcher lives, while the block runs; whoever asked hears soon when it died."""

    def __init__(self, prediction_queue: PredictionQueue) -> None:
        super().__init__(name="batcher", daemon=True)
        self._prediction_queue = prediction_queue
        self._batcher = new_id("batcher")
        self._over = threading.Event()

    def run(self) -> None:
        """Renew until the block is over."""
        while not self._over.wait(BATCHER_MS / 4000):
            try:
                self._prediction_queue.renew(self._batcher)
            except RedisError as error:
                logger.warning("batcher %s: its presence could not be renewed yet: %s", self._batcher, error)

    def __enter__(self) -> str:
        self.start()
        return self._batcher

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self.join()
