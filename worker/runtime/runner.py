"""One attempt at a record that a worker runs: claimed, under a lease, and with an end that is always written."""

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

from worker.errors import GaveUpError, LeaseLostError
from worker.failover.redis_errors import AWAY
from worker.observability import tracing
from worker.observability.logs import Logger, Tail, about
from worker.runtime import failures
from worker.runtime.lease import Lease
from worker.runtime.limits import Limits
from worker.runtime.pass_watchdog import Passes
from worker.settings import Settings
from worker.store import Store
from worker.store.claim import Claim, Record
from worker.store.record_store import RecordStore

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

RETRY_SECONDS: Final = 1.0
"""Between two tries to write while Redis is away or full."""

TOO_BIG: Final = 70
"""Exit code of a child that ends to give back the memory of a job that wanted too much."""


@dataclass(frozen=True)
class Tools:
    """What a runner works with."""

    store: Store
    settings: Settings
    owner: str
    """The name under which it claims."""
    stopping: Callable[[], bool]
    """Whether this worker shuts down: a record in hand then goes back to the queue."""
    tail: Tail
    """Keeps the last log lines about the record in hand."""
    passes: Passes
    """What the watchdog of predictions looks at."""
    wake: Callable[[str], None]
    """Sends a wake-up to a queue. Should one be lost, a reaper sends it again."""


class Runner(Protocol):
    """Runs the records of one kind, one at a time."""

    def __init__(self, tools: Tools) -> None: ...

    def run(self) -> None:
        """Run the record that waits longest, if one does; it tells how it went."""

    def tidy(self) -> None:
        """Clean up what crashes have left, now and then; there is time for it."""


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
    """Makes attempts at the records of one kind, one at a time."""

    def __init__(self, records: RecordStore[Record], tools: Tools, *, limits: Callable[[], Limits]) -> None:
        """`limits` are those of one attempt."""
        self._records = records
        self._tools = tools
        self._limits = limits

    def run(self, work: Callable[[Attempt[Record]], None]) -> None:
        """Claim the record that waits longest, if one does, and do `work`; the record tells how it went."""
        lease_seconds = self._tools.settings.lease_seconds
        claim = self._records.claim(self._tools.owner, int(lease_seconds * 1000))
        if claim is None:
            logger.info("nothing to claim", extra={"kind": self._records.noun})
            return
        identifier = claim.record.id
        self._tools.tail.begin(identifier, claim.token)
        log = about(logger, **claim.log_fields)
        log.info("claimed", extra={"pid": os.getpid()})
        span = tracing.span(
            f"run {self._records.noun}",
            parent=claim.traceparent,
            consumer=True,
            id=identifier,
            attempt=claim.record.attempt,
            token=claim.token,
        )
        try:
            with span, self._limits() as limits, Lease(self._records, claim, lease_seconds) as lease:
                failure = self._work(Attempt(claim, lease, limits, self._tools.stopping), work)
        except LeaseLostError as error:
            log.warning("write refused", extra={"error": str(error)})
            return
        finally:
            self._tools.tail.end()
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
            attempt.end(lambda: self._records.release(attempt.claim, reason="Redis was away"))
            return None
        except Exception as failure:
            attempt.limits.lift()
            error: dict[str, Any] = failures.describe(failure, self._tools.tail.lines())
            unforeseen = failure if error["code"] == failures.UNFORESEEN else None
            tracing.failed(error["code"])
            fields = {"code": error["code"], "error": error["message"]}
            attempt.log.log(logging.ERROR if unforeseen else logging.INFO, "failed", exc_info=unforeseen, extra=fields)
            attempt.end(lambda: self._records.end(attempt.claim, "failed", error=error))
            return failure
        return None
