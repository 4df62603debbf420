"""Does this worker hear its queue? One that lives and takes no messages is worse than a dead one: nobody replaces it.

When nothing has come for a while an idle worker sends its queue a canary, a message without work. Whoever hears takes
it at once. So where messages wait although this worker is idle, and go on waiting, it is stalled: it signs off, which
`/readyz` shows, and then restarts itself.
"""

import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any, Final

from celery.worker import state

from worker.messaging.queue import Queue

logger = logging.getLogger(__name__)

CANARY_SECONDS: Final = 4.0
"""How long nothing may come before a canary is sent."""
SUSPECT_SECONDS: Final = 3.0
"""How long messages may wait for an idle worker before it counts no more."""
STALLED_SECONDS: Final = 12.0
"""How long they may wait before the worker restarts itself."""


class ConsumerWatchdog:
    """What one worker heard, and when."""

    def __init__(
        self,
        *,
        busy: Callable[[], bool],
        restart: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`busy` tells whether a task is being run: then messages may well wait."""
        self._busy = busy
        self._restart = restart
        self._clock = clock
        self._heard = clock()
        self._waiting_since: float | None = None

    def hear(self) -> None:
        """A message has come."""
        self._heard = self._clock()

    def check(self, name: str, queue: Queue) -> bool:
        """Look at the queue `name`, and send it a canary when nothing comes. False: this worker seems to be stalled."""
        now = self._clock()
        if self._busy():
            self._heard = now
        if now - self._heard < CANARY_SECONDS:
            self._waiting_since = None
            return True
        if not queue.waiting(name):
            self._waiting_since = None
            queue.send_canary(name)
            return True
        if self._waiting_since is None:
            self._waiting_since = now
        waited = now - self._waiting_since
        if waited >= STALLED_SECONDS:
            logger.error("stalled: messages wait and none comes; restarting", extra={"queue": name})
            self._restart()
        return waited < SUSPECT_SECONDS


def check_window(consumer: Any) -> None:
    """Raise ConnectionError, after which Celery connects again, when the window is full of messages that nobody runs.

    Celery logs an acknowledgement that fails, and goes on. Its one message then counts as in hand for ever, so nothing
    more is read from the connection, and nobody sees that it is lost.
    """
    window = consumer.task_consumer.channel.qos
    if not window.can_consume() and not state.reserved_requests:
        raise ConnectionError("a message could not be acknowledged")


def restart_this_process(children: Callable[[], list[int]]) -> None:
    """Start the same command again, under the same process ID: a supervisor, or a container, keeps its process."""
    for pid in children():
        with contextlib.suppress(ProcessLookupError, ChildProcessError):  # the pool has seen it die already
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606  # what we were started with
