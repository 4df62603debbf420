"""Whether the blob store has space for more: what it must not do is fill the disk on which Redis writes too."""

import time
from collections.abc import Callable
from typing import Final

from worker.errors import StorageFullError
from worker.store.blobs import Blobs

SHARE: Final = 0.05
"""Share of a disk that is kept free where that is less than the setting says."""

REMEMBERED_SECONDS: Final = 0.5


class Space:
    """The disk of the blob store, as it was at most half a second ago. An object store has no such measure."""

    def __init__(
        self, blobs: Callable[[], Blobs], *, least_free: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`least_free`: bytes that stay free, for what was accepted already."""
        self._blobs = blobs
        self._least_free = least_free
        self._clock = clock
        self._until = 0.0
        self._disk: tuple[int, int] | None = None

    def check(self, size: int = 0) -> None:
        """Raise StorageFullError when `size` bytes more should not be accepted; they count as written then."""
        if self._clock() >= self._until:
            self._until = self._clock() + REMEMBERED_SECONDS  # first: many greenlets ask, one measures
            self._disk = self._blobs().disk()
        if self._disk is None:
            return
        free, capacity = self._disk
        least = min(self._least_free, int(capacity * SHARE))
        if free - size < least:
            raise StorageFullError(
                f"{free} bytes of the blob store's disk are free, and {least} must stay so (NEUROND_MIN_FREE_BYTES)"
            )
        self._disk = free - size, capacity
