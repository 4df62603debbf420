"""Puts back what was lost: jobs whose worker went silent, and wake-ups that were never sent, or got lost.

A reaper runs in every worker; two of them cannot harm each other, because each step is atomic and a wake-up too many
finds nothing to claim. It also signs the worker's presence, which `/readyz` reads.
"""

import logging
import threading
import time
from collections import defaultdict
from queue import Empty, SimpleQueue
from typing import Any, Final

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from worker.messaging.queue import Queue
from worker.runtime.blas_threads import blas_threads
from worker.runtime.consumer_watchdog import ConsumerWatchdog
from worker.runtime.crash_recovery import CrashRecovery
from worker.runtime.pass_watchdog import Watchdog
from worker.runtime.takeover import Takeover
from worker.runtime.wakeups import WakeUps
from worker.settings import Settings
from worker.store import Store
from worker.store.record_store import RecordStore

logger = logging.getLogger(__name__)

REAP_SECONDS: Final = 1.0

SOON_SECONDS: Final = 0.1
"""Until the next round, after one in which messages were missing: jobs may be short, and each takes a message."""


class Watch:
    """Watches leases by this process's own clock as well, so that a step of Redis's clock ends none and keeps none.

    A living owner renews its lease several times a second. One that has ended by Redis's clock is taken only when it is
    still the same a little later; one that is not renewed for its whole length is taken, whatever Redis's clock says.
    """

    def __init__(self, lease_seconds: float) -> None:
        self._lease_seconds = lease_seconds
        self._seen: dict[str, tuple[float, float]] = {}

    def expired(self, leases: dict[str, float], redis_now: float, now: float) -> dict[str, float]:
        """Those of `leases` (ID → end) that are over.

        Args:
            leases: all that run, as they are now
            redis_now: Redis's clock, in the unit of the ends
            now: a clock that is never set, in seconds

        """
        seen = {identifier: self._seen.get(identifier, (ends, now)) for identifier, ends in leases.items()}
        self._seen = {
            identifier: seen[identifier] if seen[identifier][0] == ends else (ends, now)
            for identifier, ends in leases.items()
        }
        return {
            identifier: ends
            for identifier, (ends, since) in self._seen.items()
            if now - since >= self._lease_seconds or (ends <= redis_now and now - since >= REAP_SECONDS / 2)
        }


class Reaper(threading.Thread):
    """A thread of the worker's main process; it works while the child trains."""

    def __init__(
        self,
        store: Store,
        queue: Queue,
        settings: Settings,
        *,
        queues: list[str],
        name: str,
        consumer_watchdog: ConsumerWatchdog,
        crash_recovery: CrashRecovery,
        takeover: Takeover,
        watchdog: Watchdog,
    ) -> None:
        super().__init__(name="reaper", daemon=True)
        self._store = store
        self._queue = queue
        self._wake_ups = WakeUps(store, queue)
        self._most_attempts = settings.max_attempts
        self._watches: dict[str, Watch] = defaultdict(lambda: Watch(settings.lease_seconds))
        self._queues = queues
        self._worker = name
        self._consumer_watchdog = consumer_watchdog
        self._crash_recovery = crash_recovery
        self._takeover = takeover
        self._watchdog = watchdog
        self._goes_on = True
        self._threads = blas_threads()
        self._pause = REAP_SECONDS
        self._stops: SimpleQueue[None] = SimpleQueue()

    def run(self) -> None:
        """Reap every second, or sooner, whatever Redis does, until stopped; then sign the worker off."""
        self._round()
        while not self._is_over():
            self._round()
        self._sign_off()

    def _round(self) -> None:
        self._pause = REAP_SECONDS
        self._goes_on = self._watchdog.look()
        try:
            self._sign()
            self._crash_recovery.end_stalled()
            self._takeover.look(self._store)
            self.reap(time.monotonic())
        except (RedisError, OperationalError) as error:
            logger.warning("the reaper waits for Redis", extra={"error": str(error)})

    def _is_over(self) -> bool:
        try:
            self._stops.get(timeout=self._pause)
        except Empty:
            return False
        return True

    def _sign(self) -> None:
        """Say that this worker is there, unless it seems stalled, or stuck in a prediction."""
        for queue in self._queues:
            if self._consumer_watchdog.check(queue, self._queue) and self._goes_on:
                self._store.workers.sign(queue, self._worker, threads=self._threads)
            else:
                self._store.workers.sign_off(queue, self._worker)

    def reap(self, now: float) -> None:
        """Put back what was lost; `now` by a clock that is never set."""
        for records in self._store.all_records:
            self._reap(records, now)
        sent = self._wake_ups.top_up()
        self._pause = SOON_SECONDS if sent else REAP_SECONDS
        if sent:
            self._store.metrics.wake_ups_resent.inc(sent)
            logger.info("wake-ups sent again", extra={"count": sent})

    def _reap(self, records: RecordStore[Any], now: float) -> None:
        for identifier, ends in self._watches[records.noun].expired(records.leases(), records.now(), now).items():
            status = records.take_expired(identifier, ends=ends, most_attempts=self._most_attempts)
            if status:
                logger.warning("lease expired", extra={"record_id": identifier, "status": status})

    def stop(self) -> None:
        """End the thread. A signal handler may call it, and be interrupted in it by the same signal.

        That is why it takes no lock, and asks nothing of Redis: the code that was interrupted may hold either.
        """
        self._stops.put(None)

    def _sign_off(self) -> None:
        try:
            for queue in self._queues:
                self._store.workers.sign_off(queue, self._worker)
        except RedisError as error:
            logger.warning("could not sign off", extra={"error": str(error)})
