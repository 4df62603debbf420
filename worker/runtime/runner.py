"""One attempt at a record that a worker runs: claimed, under a lease, and with an end that is always written."""

import logging
import os
import time
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from worker.errors import GaveUpError, LeaseLostError
from worker.failover.redis_errors import AWAY
from worker.observability import tracing
from worker.observability.logs import Logger, Tail, about
from worker.runtime import failures
from worker.runtime.lease import Lease
from worker.runtime.limits import Limits
from worker.store.claim import Claim, Record
from worker.store.record_store import RecordStore

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

RETRY_SECONDS: Final = 1.0
"""Between two tries to write while Redis is away or full."""

TOO_BIG: Final = 70
"""Exit code of a child that ends to give back the memory of a job that wanted too much."""


class Attempt(Generic[Record]):
    """The claimed record, while its owner works at it."""

    def __init__(self, claim: Claim[Record], lease: Lease, limits: Limits, stopping: Callable[[], bool]) -> None:
        self.claim = claim
        self.lease = lease
        self.limits = limits
        self.log: Logger = about(logger, **claim.log_fields)
        self._stopping = stopping

    def should_stop(self) -> bool:
        """Whether to stop at the next batch: cancelled, lost, out of time, or the worker shuts down."""
        return (
            self.lease.cancelled.is_set() or self.lease.lost.is_set() or self.limits.out_of_time() or self._stopping()
        )

    def write(self, step: Callable[[], Answer]) -> Answer:
        """Take a step of the record's life; while Redis is away, wait for it.

        A step whose answer was lost is taken again: the scripts give their answer twice to the same owner, and refuse
        another, whatever the lease said meanwhile.

        Raises:
            LeaseLostError: the write was refused.
            GaveUpError: the worker shuts down, and Redis is away.
        """
        while True:
            try:
                return step()
            except AWAY as error:
                self.log.warning("waiting for Redis", extra={"error": str(error)})
                time.sleep(RETRY_SECONDS)
                if self._stopping():
                    raise GaveUpError("gave up the job: its worker shuts down while Redis is away") from error

    def end(self, step: Callable[[], Answer]) -> Answer:
        """Take the step that ends the attempt, as `write` does; there is no lease to be renewed or lost after it."""

        def last() -> Answer:
            with self.lease.ending():
                return step()

        return self.write(last)

    def check_lease(self) -> None:
        """Raise LeaseLostError when another owner has the record."""
        if self.lease.lost.is_set():
            raise LeaseLostError(f"{self.claim.record.id}: token {self.claim.token} is stale")


class Attempts(Generic[Record]):
    """Makes attempts at the records of one life, one at a time."""

    def __init__(
        self,
        life: RecordStore[Record],
        *,
        owner: str,
        lease_seconds: float,
        limits: Callable[[], Limits],
        stopping: Callable[[], bool],
        tail: Tail,
    ) -> None:
        self._life = life
        self._owner = owner
        self._lease_seconds = lease_seconds
        self._limits = limits
        self._stopping = stopping
        self._tail = tail

    def run(self, work: Callable[[Attempt[Record]], None]) -> None:
        """Claim the record that waits longest, if one does, and do `work`; the record tells how it went."""
        claim = self._life.claim(self._owner, int(self._lease_seconds * 1000))
        if claim is None:
            logger.info("nothing to claim", extra={"kind": self._life.noun})
            return
        identifier = claim.record.id
        self._tail.begin(identifier, claim.token)
        log = about(logger, **claim.log_fields)
        log.info("claimed", extra={"pid": os.getpid()})
        span = tracing.span(
            f"run {self._life.noun}",
            parent=claim.traceparent,
            consumer=True,
            id=identifier,
            attempt=claim.record.attempt,
            token=claim.token,
        )
        try:
            with span, self._limits() as limits, Lease(self._life, claim, self._lease_seconds) as lease:
                failure = self._work(Attempt(claim, lease, limits, self._stopping), work)
        except LeaseLostError as error:
            log.warning("write refused", extra={"error": str(error)})
            return
        finally:
            self._tail.end()
        if isinstance(failure, MemoryError):
            log.warning("this process ends, to give back its memory")
            logging.shutdown()
            os._exit(TOO_BIG)

    def _work(self, attempt: Attempt[Record], work: Callable[[Attempt[Record]], None]) -> Exception | None:
        try:
            work(attempt)
        except LeaseLostError:
            raise
        except AWAY as away:
            # It came while something was read, not at a step that is waited for. Another attempt reads it again.
            attempt.log.warning("put back: Redis was away", extra={"error": str(away)})
            attempt.limits.lift()
            attempt.end(lambda: self._life.release(attempt.claim, reason="Redis was away"))
            return None
        except Exception as failure:
            attempt.limits.lift()
            error: dict[str, Any] = failures.describe(failure, self._tail.lines())
            unforeseen = failure if error["code"] == failures.UNFORESEEN else None
            tracing.failed(error["code"])
            fields = {"code": error["code"], "error": error["message"]}
            attempt.log.log(logging.ERROR if unforeseen else logging.INFO, "failed", exc_info=unforeseen, extra=fields)
            attempt.end(lambda: self._life.end(attempt.claim, "failed", error=error))
            return failure
        return None
