"""What one job may take: memory and time. A job that wants more fails with the reason, and its worker goes on.

Memory is held by the kernel (`RLIMIT_DATA`, which counts what a process allocates): the allocation that would exceed it
fails, as MemoryError, before anything else on the machine feels it.
"""

import resource
import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from worker.errors import TimeLimitError, TooManySamplesError


class Limits:
    """The limits of one attempt, while the block runs."""

    def __init__(self, *, memory_bytes: int, seconds: int) -> None:
        self._memory_bytes = memory_bytes
        self._seconds = seconds
        self._before: tuple[int, int] | None = None
        self._begun = time.monotonic()
        self._spent = 0.0

    def __enter__(self) -> Self:
        if sys.platform == "linux":
            self._before = resource.getrlimit(resource.RLIMIT_DATA)
            hard = self._before[1]
            most = self._memory_bytes if hard == resource.RLIM_INFINITY else min(self._memory_bytes, hard)
            resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.lift()

    def lift(self) -> None:
        """Limit the memory no more: what is left to do is to say how the job ended."""
        if self._before is not None:
            resource.setrlimit(resource.RLIMIT_DATA, self._before)

    def count(self, seconds: float) -> None:
        """Seconds of the time limit that earlier attempts took."""
        self._spent = seconds

    def out_of_time(self) -> bool:
        """Whether the job has run for as long as it may."""
        return self._spent + time.monotonic() - self._begun > self._seconds

    def check_time(self) -> None:
        """Raise TimeLimitError when the time is over."""
        if self.out_of_time():
            raise TimeLimitError(f"it ran for longer than a job may: {self._seconds} s (NEUROND_MAX_JOB_SECONDS)")


def bound_memory(memory_bytes: int) -> None:
    """Limit what this process may allocate, for as long as it lives."""
    Limits(memory_bytes=memory_bytes, seconds=0).__enter__()


def check_samples(plan: Mapping[str, Any], samples: int, most: int) -> None:
    """Raise TooManySamplesError when a training would go through more samples than it may."""
    asked = plan["epochs"] * samples
    if asked > most:
        raise TooManySamplesError(
            f"{plan['epochs']} epochs of {samples} samples are {asked}, and a job may train on {most} at most "
            "(NEUROND_MAX_JOB_SAMPLES)",
        )
