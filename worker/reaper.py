"""Puts back what was lost: jobs whose worker went silent, and jobs whose wake-up was never sent, or was lost.

A reaper runs in every worker; two of them cannot harm each other, because each step is atomic and a wake-up too many
finds nothing to claim. It also signs the worker's presence, which `/readyz` reads.
"""

import logging
import threading

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from worker.queue import TRAINING, Queue
from worker.settings import Settings
from worker.store import Store
from worker.store.workers import SIGN_SECONDS

logger = logging.getLogger(__name__)

UNSENT_SECONDS = 2.0
"""How long after the record a wake-up may take before it counts as never sent."""

REQUEUED_AT_ONCE = 100


class Reaper(threading.Thread):
    """A thread of the worker's main process; it works while the child trains."""

    def __init__(self, store: Store, queue: Queue, settings: Settings, *, queues: list[str], name: str) -> None:
        super().__init__(name="reaper", daemon=True)
        self._store = store
        self._queue = queue
        self._most_attempts = settings.max_attempts
        self._queues = queues
        self._worker = name
        self._stopped = threading.Event()

    def run(self) -> None:
        """Reap every two seconds, whatever Redis does, until stopped."""
        while True:
            try:
                for queue in self._queues:
                    self._store.workers.sign(queue, self._worker)
                self.reap()
            except (RedisError, OperationalError) as error:
                logger.warning("the reaper waits for Redis: %s", error)
            if self._stopped.wait(SIGN_SECONDS):
                return

    def reap(self) -> None:
        """One round."""
        for job_id, status in self._store.jobs.expire(most_attempts=self._most_attempts):
            logger.warning("job %s: its worker was lost; it is %s now", job_id, status)
        lost = self._store.jobs.unsent(older_than_seconds=UNSENT_SECONDS)
        if not lost and self._queue.waiting(TRAINING) == 0:
            # Jobs wait, but no message does: the wake-ups went with the worker that had fetched them.
            page = self._store.jobs.page(limit=REQUEUED_AT_ONCE, status="queued")
            lost = [job.id for job in page.data]
        for job_id in lost:
            self._queue.send_train(job_id)
        self._store.jobs.mark_sent(lost)
        if lost:
            self._store.metrics.wake_ups_resent.inc(len(lost))
            logger.info("sent the wake-ups of %d waiting jobs again", len(lost))

    def stop(self) -> None:
        """End the thread and sign the worker off."""
        self._stopped.set()
        try:
            for queue in self._queues:
                self._store.workers.sign_off(queue, self._worker)
        except RedisError as error:
            logger.warning("could not sign off: %s", error)
