"""Whether the blob store does its work, asked again and again, and answered from what was known a moment ago."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from worker.errors import BlobError
from worker.store.blobs import Blobs

logger = logging.getLogger(__name__)

GOOD_SECONDS: Final = 10.0
"""How long a probe that went well is believed,"""
BAD_SECONDS: Final = 2.0
"""and one that did not: who has mended it wants to see that."""


class Probe:
    """The last probe of a process."""

    def __init__(self, blobs: Callable[[], Blobs], *, clock: Callable[[], float] = time.monotonic) -> None:
        """`blobs` opens the store, or raises BlobError."""
        self._blobs = blobs
        self._clock = clock
        self._probing = threading.Lock()
        self._until: float | None = None
        self._problem: str | None = None

    def problem(self) -> str | None:
        """What is wrong; None: nothing. However many ask at once, the store is probed once."""
        if self._until is None or self._clock() >= self._until:
            with self._probing:
                if self._until is None or self._clock() >= self._until:
                    self._probe()
        return self._problem

    def _probe(self) -> None:
        try:
            self._blobs().probe()
            self._problem = None
        except BlobError as error:
            logger.warning("the blob store fails its probe: %s", error)
            self._problem = f"the blob store cannot be used: {error.hint or 'the log of the API says why'}"
        self._until = self._clock() + (GOOD_SECONDS if self._problem is None else BAD_SECONDS)
