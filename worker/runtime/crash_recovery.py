"""A child that dies, or hangs, in the middle of a job: its main process tells the record at once, and no lease is
waited for. Where both died, the worker that is started in their place does (`worker.runtime.takeover`).
"""

import logging
import os
import re
import signal
import time
from typing import Any, Final

from billiard.exceptions import WorkerLostError
from redis.exceptions import RedisError

from worker.observability.logs import Tail
from worker.runtime.pass_watchdog import Watchdog
from worker.store import Store

logger = logging.getLogger(__name__)

STALLED_SECONDS: Final = 60.0
"""How long a child may go on with a job that is another's by now. One that hangs would hold its worker for ever."""


class CrashRecovery:
    """Of the child of one worker, which runs one job at a time."""

    def __init__(self, store: Store, tail: Tail, *, most_attempts: int, watchdog: Watchdog | None = None) -> None:
        """`watchdog` tells which child it has ended: what that one ran would take too long again."""
        self._store = store
        self._tail = tail
        self._most_attempts = most_attempts
        self._watchdog = watchdog
        self._stale: tuple[Any, float] | None = None

    def child_died(self, exception: BaseException) -> None:
        """Put the job that it ran back into the queue, or let it fail after its last attempt."""
        running = self._tail.running()
        if not isinstance(exception, WorkerLostError) or running is None:
            return
        how = _how(str(exception))
        reason = f"its process was {how}" if how.startswith("killed") else f"its process ended with {how}"
        attempts = self._most_attempts
        if self._watchdog is not None and self._watchdog.ended == running.pid:
            reason, attempts = "it took longer than a prediction may (NEUROND_PREDICT_TIMEOUT_SECONDS)", 1
        fields = {"record_id": running.identifier, "token": running.token, "how": how}
        try:
            status = self._store.records_of(running.identifier).take_lost(
                running.identifier,
                token=running.token,
                reason=reason,
                log=self._tail.lines(),
                most_attempts=attempts,
            )
        except RedisError as error:
            logger.warning("child died; its lease will tell", extra=fields | {"error": str(error)})
            return
        finally:
            self._tail.end()
        logger.warning("child died", extra=fields | {"status": status})

    def end_stalled(self, now: float | None = None) -> None:
        """Kill a child that has lost its job long ago and does not hear of it."""
        now = time.monotonic() if now is None else now
        running = self._tail.running()
        if running is None or self._store.records_of(running.identifier).holds(running.identifier, running.token):
            self._stale = None
            return
        if self._stale is None or self._stale[0] != running:
            self._stale = (running, now)
        elif now - self._stale[1] > STALLED_SECONDS:
            logger.error("child hangs; killing it", extra={"record_id": running.identifier, "pid": running.pid})
            os.kill(running.pid, signal.SIGKILL)
            self._stale = None


def _how(message: str) -> str:
    """How a process ended, from what the pool says of it: `signal 9 (SIGKILL)`, `exitcode 70`."""
    killed = re.search(r"signal \d+ \((\w+)\)", message)
    if killed:
        return f"killed by {killed[1]}"
    ended = re.search(r"exitcode (\d+)", message)
    return f"exit code {ended[1]}" if ended else message
