"""How one API process asks the workers: all its requests go out together, all answers come in through one list.

A view waits at a mailbox of its own. One sender puts what views ask onto the exchange, as many at once as there are;
one reader hands each answer to its view, and asks again for what a dead batcher had in its hand. Under gunicorn these
are greenlets (gevent patches threads and queues), so a waiting view costs next to nothing.
"""

import contextlib
import logging
import os
import threading
import time
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Final

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from worker.errors import NotFoundError, QueueFullError
from worker.messaging.queue import Queue
from worker.settings import Settings
from worker.store import Store
from worker.store.prediction_queue import PredictionQueue, Reply, Request
from worker.store.records import new_id
from worker.work.kind import PREDICTION

logger = logging.getLogger(__name__)

ASKED_AT_ONCE: Final = 64
WATCH_SECONDS: Final = 0.25
PAUSE_SECONDS: Final = 0.2
SEEN_SECONDS: Final = 1.0
REMEMBERED: Final = 10_000
CHECK_SECONDS: Final = 2.0
"""How long a health check waits for its turn among the questions, and for its answer."""


@dataclass
class Waiting:
    """A request whose view waits."""

    name: str
    request: Request
    since: float
    deadline: float
    mailbox: "SimpleQueue[Reply | Exception]" = field(default_factory=SimpleQueue)


@dataclass
class Check:
    """A health check on its way: what asks for the views shall try whether the exchange works."""

    mailbox: "SimpleQueue[RedisError | None]" = field(default_factory=SimpleQueue)


class PredictionClient:
    """Asks for the views of one process. Nothing is started before the first question."""

    def __init__(self, store: Store, queue: Queue, settings: Settings) -> None:
        self._store = store
        self._queue = queue
        self.most_waiting = settings.max_pending_in_all // settings.api_workers or 1
        self._most_bytes = settings.max_pending_bytes
        self._bytes = 0
        self._waiting: dict[str, Waiting] = {}
        self._outbox: SimpleQueue[Waiting | Check | None] = SimpleQueue()
        self._deaf: RedisError | None = None
        self._wake_ups: SimpleQueue[bool] = SimpleQueue()
        self._seen: dict[str, float] = {}
        self._stopped = False
        self._lives: tuple[Any, ...] | None = None
        self._pid = 0
        self._starting = threading.Lock()
        self.process = ""

    @property
    def waiting(self) -> int:
        """How many views of this process wait for an answer."""
        return len(self._waiting)

    @property
    def longest_wait(self) -> float:
        """For how many seconds the view has waited that has waited longest."""
        oldest = next(iter(self._waiting.values()), None)
        return time.monotonic() - oldest.since if oldest else 0.0

    def ask(self, name: str, request: Request, *, seconds: float) -> Reply | None:
        """The answer of the model, or None when none comes within `seconds`.

        Args:
            name: the model's ID, or an alias of it
            request: made with `process` as the one to reply to
            seconds: time limit, after which the request is dropped wherever it is

        Raises:
            NotFoundError: there is no such model.
            QueueFullError: no more requests may wait.
            RedisError: Redis cannot be reached.

        """
        size = len(request.body)
        if len(self._waiting) >= self.most_waiting or (self._bytes and self._bytes + size > self._most_bytes):
            raise QueueFullError(f"too many predictions are waiting (limit {self.most_waiting})")
        now = time.monotonic()
        waiting = Waiting(name, request, now, now + seconds)
        self._waiting[request.id] = waiting
        self._bytes += size
        try:
            self._outbox.put(waiting)
            reply = waiting.mailbox.get(timeout=seconds)
        except Empty:
            return None
        finally:
            self._bytes -= size
            del self._waiting[request.id]
        if isinstance(reply, Exception):
            raise reply
        return reply

    def check(self) -> None:
        """Raise RedisError unless predictions pass: tried on the connections that they take, in their place."""
        self.start()
        check = Check()
        self._outbox.put(check)
        try:
            error = check.mailbox.get(timeout=CHECK_SECONDS)
        except Empty:
            raise RedisTimeoutError(f"no answer from the exchange within {CHECK_SECONDS:g} s") from None
        if error := error or self._deaf:
            raise error

    def start(self) -> None:
        """Start sender and reader, once in each process: what was started before a fork is not there after it."""
        if self._pid == os.getpid():
            return
        with self._starting:
            if self._pid == os.getpid():
                return
            self.process = new_id("api")
            for work in (self._send, self._read, self._wake):
                threading.Thread(target=work, name=f"predictions{work.__name__}", daemon=True).start()
            self._pid = os.getpid()

    def stop(self) -> None:
        """End sender and reader."""
        self._stopped = True
        self._outbox.put(None)
        self._wake_ups.put(False)

    def _send(self) -> None:
        exchange = self._store.prediction_queue.alone()
        while (first := self._outbox.get()) is not None:
            together = [first]
            with contextlib.suppress(Empty):
                while len(together) < ASKED_AT_ONCE and (another := self._outbox.get_nowait()) is not None:
                    together.append(another)
            self._answer([one for one in together if isinstance(one, Check)], exchange)
            batch = [one for one in together if isinstance(one, Waiting)]
            try:
                self._ask_for(batch, exchange)
            except Exception as error:
                if not isinstance(error, RedisError):
                    logger.exception("questions could not be asked")
                for waiting in batch:
                    waiting.mailbox.put(error)

    def _answer(self, checks: list[Check], exchange: PredictionQueue) -> None:
        if not checks:
            return
        outcome: RedisError | None = None
        try:
            exchange.check()
        except RedisError as error:
            outcome = error
        for check in checks:
            check.mailbox.put(outcome)

    def _ask_for(self, batch: list[Waiting], exchange: PredictionQueue) -> None:
        models = self._resolve({waiting.name for waiting in batch})
        by_lane: dict[str, list[Waiting]] = {}
        for waiting in batch:
            model_id = models[waiting.name]
            if model_id is None:
                waiting.mailbox.put(NotFoundError("model or alias", waiting.name))
            else:
                by_lane.setdefault(waiting.request.lane(model_id), []).append(waiting)
        if not by_lane:
            return
        now = time.monotonic()
        taken, wake = exchange.ask(
            {
                lane: [(asked.request, max(1, int((asked.deadline - now) * 1000))) for asked in together]
                for lane, together in by_lane.items()
            }
        )
        for lane, together in by_lane.items():
            for asked in together[taken[lane] :]:
                asked.mailbox.put(QueueFullError(f"too many predictions are waiting for model {models[asked.name]}"))
        if wake:
            self._wake_ups.put(True)

    def _resolve(self, names: set[str]) -> dict[str, str | None]:
        """The model behind each name. An alias is looked up each time, for it may switch; an ID once a second."""
        now = time.monotonic()
        unknown = [name for name in names if self._seen.get(name, 0.0) < now]
        if not unknown:
            return {name: name for name in names}
        found = dict(zip(unknown, self._store.models.resolve(unknown), strict=True))
        if len(self._seen) > REMEMBERED:
            self._seen.clear()
        self._seen |= {name: now + SEEN_SECONDS for name, model_id in found.items() if model_id == name}
        return {name: found.get(name, name) for name in names}

    def _read(self) -> None:
        exchange = self._store.prediction_queue.alone()
        watched: float | None = None
        while not self._stopped:
            try:
                if watched is None or (self._waiting and time.monotonic() - watched > WATCH_SECONDS):
                    self._watch(exchange)
                    watched = time.monotonic()
                replies = exchange.replies(self.process)
                self._deaf = None
                for request_id, reply in replies:
                    waiting = self._waiting.get(request_id)
                    if waiting is not None:
                        waiting.mailbox.put(reply)
                time.sleep(0)  # under gevent: first let those views go on
            except RedisError as error:
                logger.warning("answers cannot be read: %s", error)
                self._deaf = error
                time.sleep(PAUSE_SECONDS)
                self._lives = ()  # none that ever were: an answer may have been lost on the way

    def _watch(self, exchange: PredictionQueue) -> None:
        """Ask again for what may have been lost: what was asked before a batcher died, or the exchange itself."""
        deaths, wake = exchange.watch()
        lives = deaths, exchange.master
        if wake:
            self._wake_ups.put(True)
        if lives == self._lives:
            return
        known, self._lives = self._lives, lives
        lost = list(self._waiting.values()) if known is not None else []
        for waiting in lost:
            self._outbox.put(waiting)
        if lost:
            logger.warning("a batcher died, or the exchange did or moved: %d requests are asked again", len(lost))

    def _wake(self) -> None:
        """Send wake-ups, one for each prediction worker."""
        while self._wake_ups.get():
            try:
                for _ in range(max(1, len(self._store.workers.names(PREDICTION)))):
                    self._queue.send_predict()
            except (RedisError, OperationalError) as error:
                logger.warning("a wake-up was not sent, another will be: %s", error)
