"""A prediction that hangs: the child that computes it is ended, and the pool starts another.

Every limit inside the child (`worker.inference`) is looked at between two steps, and a step may be code of a library
that never comes back. The main process outlives it, so it watches from there; this alone bounds all of them.
"""

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.sharedctypes import RawValue
from typing import Final

from worker.store.metrics import Metrics

logger = logging.getLogger(__name__)

STUCK_PART: Final = 1 / 3
"""Share of the time limit of a pass after which its worker counts as not ready, as `/readyz` says."""


class Passes:
    """When the pass in hand began, in memory that a worker's main process shares with its child: it outlives that."""

    def __init__(self) -> None:
        self._begun = RawValue("d", 0.0)
        self._pid = RawValue("i", 0)

    @contextmanager
    def one(self) -> Iterator[None]:
        """A pass, while the block runs; in the middle of another, it is the next part of that."""
        inner = self._begun.value > 0 and self._pid.value == os.getpid()
        self.begin()
        try:
            yield
        finally:
            if inner:
                self.begin()
            else:
                self.end()

    def begin(self) -> None:
        """A pass begins in this process, or the next part of one."""
        self._pid.value = os.getpid()
        self._begun.value = time.monotonic()

    def end(self) -> None:
        """No pass is in hand."""
        self._begun.value = 0.0

    def in_hand(self) -> tuple[int, float] | None:
        """The process that runs a pass, and when that began, by the clock that all processes of a machine share."""
        begun = self._begun.value
        return (self._pid.value, begun) if begun else None


class Watchdog:
    """Ends the child whose pass takes longer than a prediction is waited for."""

    def __init__(self, passes: Passes, metrics: Metrics, *, seconds: float, children: Callable[[], list[int]]) -> None:
        """`children` tells the processes of this worker's pool."""
        self._passes = passes
        self._metrics = metrics
        self._seconds = seconds
        self._children = children
        self.ended = 0
        """The child that was ended last."""

    def look(self, now: float | None = None) -> bool:
        """Whether passes go on as they should; ends the child where one takes too long."""
        in_hand = self._passes.in_hand()
        if in_hand is None:
            return True
        pid, begun = in_hand
        if pid not in self._children():  # it died in the middle of its pass
            self._passes.end()
            return True
        age = (time.monotonic() if now is None else now) - begun
        if age > self._seconds:
            logger.error(
                "a prediction takes too long: ending its process", extra={"pid": pid, "seconds": round(age, 1)}
            )
            self.ended = pid
            self._passes.end()
            os.kill(pid, signal.SIGKILL)
            self._metrics.prediction_passes_ended.inc()
            return False
        return age < self._seconds * STUCK_PART
