"""The lease on a running job: a thread says again and again that the owner lives, and hears when it must stop."""

import contextlib
import logging
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from redis.exceptions import RedisError

from worker.errors import LeaseLostError
from worker.observability.logs import about
from worker.store.claim import Claim
from worker.store.record_store import RecordStore

logger = logging.getLogger(__name__)

RENEWALS_PER_LEASE = 4
CANCEL_SECONDS = 0.5
"""How late a running job may hear of its cancel."""


class Lease(threading.Thread):
    """Renews the lease of a claimed job while the block runs.

    `cancelled` is set when someone asked for the job's end, `lost` when the job has another owner by now.
    A Redis that cannot be reached sets neither: the lease may still hold when it is back, and the fencing token
    refuses our writes if it does not.
    """

    def __init__(self, jobs: RecordStore[Any], claim: Claim[Any], lease_seconds: float) -> None:
        super().__init__(name=f"lease-{claim.record.id}", daemon=True)
        self.cancelled = threading.Event()
        self.lost = threading.Event()
        self._jobs = jobs
        self._claim = claim
        self._log = about(logger, **claim.log_fields)
        self._lease_ms = int(lease_seconds * 1000)
        self._pause = min(lease_seconds / RENEWALS_PER_LEASE, CANCEL_SECONDS)
        self._over = threading.Event()
        self._asking = threading.Lock()

    def run(self) -> None:
        """Renew until the block is over or the lease is lost."""
        while not self._over.wait(self._pause):
            with self._asking:
                if not self._over.is_set():
                    self._renew()

    def _renew(self) -> None:
        try:
            if self._jobs.renew(self._claim, self._lease_ms):
                self.cancelled.set()
        except LeaseLostError as error:
            self._log.warning("lost the lease: stopping, nothing more will be written", extra={"error": str(error)})
            self.lost.set()
            self._over.set()
        except RedisError as error:
            self._log.warning("the lease could not be renewed yet", extra={"error": str(error)})

    @contextlib.contextmanager
    def ending(self) -> Iterator[None]:
        """Take, in the block, the step that ends the claim: with it the lease is over, and none of it was lost.

        No renewal is asked for meanwhile: it would find the job ended, and say that another has it. Where the block
        raises an error the lease goes on.
        """
        with self._asking:
            yield
            self._over.set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self.join()
