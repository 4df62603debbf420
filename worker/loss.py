"""A process that dies in the middle of a job: whoever outlives it tells the record at once, and no lease is waited for.

For a child that is its main process; for a main process that died with its children, the one that is started after it.
"""

import logging
import os
import re
import signal
import time
from pathlib import Path
from typing import Any, Final

from billiard.exceptions import WorkerLostError
from redis.exceptions import RedisError

from worker.logs import Tail
from worker.store import Store
from worker.store.workers import pid_of, works_for

logger = logging.getLogger(__name__)

STALLED_SECONDS: Final = 60.0
"""How long a child may go on with a job that is another's by now. One that hangs would hold its worker for ever."""


class Loss:
    """Of the child of one worker, which runs one job at a time, and of the worker before it."""

    def __init__(self, store: Store, tail: Tail, *, most_attempts: int) -> None:
        self._store = store
        self._tail = tail
        self._most_attempts = most_attempts
        self._stale: tuple[Any, float] | None = None

    def child_died(self, exception: BaseException) -> None:
        """Put the job that it ran back into the queue, or let it fail after its last attempt."""
        running = self._tail.running()
        if not isinstance(exception, WorkerLostError) or running is None:
            return
        how = _how(str(exception))
        fields = {"job": running.identifier, "token": running.token, "how": how}
        try:
            status = self._store.life_of(running.identifier).take_lost(
                running.identifier,
                token=running.token,
                reason=f"its process was {how}" if how.startswith("killed") else f"its process ended with {how}",
                log=self._tail.lines(),
                most_attempts=self._most_attempts,
            )
        except RedisError as error:
            logger.warning("child died; its lease will tell", extra=fields | {"error": str(error)})
            return
        finally:
            self._tail.end()
        logger.warning("child died", extra=fields | {"status": status})

    def take_over(self, worker: str) -> None:
        """Put back what the process that had this worker's name before left when it died.

        To be called before the worker has children of its own: their process IDs may be those of the dead. One whose
        process lives after all keeps its lease, and so does everything while Redis is away.
        """
        try:
            for life in self._store.lives:
                for identifier, (owner, token) in life.owners().items():
                    if not works_for(owner, worker) or _alive(pid_of(owner)):
                        continue
                    reason = "its worker died and was started again"
                    status = life.take_lost(
                        identifier, token=token, reason=reason, log=[], most_attempts=self._most_attempts
                    )
                    logger.warning("left by a dead worker", extra={"job": identifier, "token": token, "status": status})
        except RedisError as error:
            logger.warning(
                "cannot look for what a worker before left; its leases will tell", extra={"error": str(error)}
            )

    def end_stalled(self, now: float | None = None) -> None:
        """Kill a child that has lost its job long ago and does not hear of it."""
        now = time.monotonic() if now is None else now
        running = self._tail.running()
        if running is None or self._store.life_of(running.identifier).holds(running.identifier, running.token):
            self._stale = None
            return
        if self._stale is None or self._stale[0] != running:
            self._stale = (running, now)
        elif now - self._stale[1] > STALLED_SECONDS:
            logger.error("child hangs; killing it", extra={"job": running.identifier, "pid": running.pid})
            os.kill(running.pid, signal.SIGKILL)
            self._stale = None


def _alive(pid: int) -> bool:
    """Whether a process still does something: one that ended and was not yet asked for its exit code is there too."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except OSError:  # another's process, or a system without /proc
        return True
    return state != "Z"


def _how(message: str) -> str:
    """How a process ended, from what the pool says of it: `signal 9 (SIGKILL)`, `exitcode 70`."""
    killed = re.search(r"signal \d+ \((\w+)\)", message)
    if killed:
        return f"killed by {killed[1]}"
    ended = re.search(r"exitcode (\d+)", message)
    return f"exit code {ended[1]}" if ended else message
