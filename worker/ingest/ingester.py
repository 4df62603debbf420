"""Uploads become data sets: claim, read in a child process, store, finish."""

import time
from typing import Any, Final

from worker.errors import JobFailedError, NotFoundError, QuotaExceededError
from worker.ingest.process import run_child
from worker.ingest.sweep import sweep
from worker.runtime.limits import Limits
from worker.runtime.runner import Attempt, Attempts, Tools
from worker.store.datasets import Dataset
from worker.store.uploads import staged_path

SWEEP_SECONDS: Final = 60.0

UNLIMITED: Final = 1 << 62
"""Memory and time of this process: it only waits. The child that reads has its own limits."""


class Ingester:
    """Reads uploads, one at a time."""

    def __init__(self, tools: Tools) -> None:
        self._store = tools.store
        self._settings = tools.settings
        self._sweep_at = 0.0
        self._attempts = Attempts(
            tools.store.datasets, tools, limits=lambda: Limits(memory_bytes=UNLIMITED, seconds=UNLIMITED)
        )

    def run(self) -> None:
        """Read the upload that waits longest, if one does; its record tells how it went."""
        self._attempts.run(self._ingest)

    def tidy(self) -> None:
        """Now and then, take away what broken uploads left behind."""
        if time.monotonic() > self._sweep_at:
            self._sweep_at = time.monotonic() + SWEEP_SECONDS
            sweep(self._store)

    def _ingest(self, attempt: Attempt[Dataset]) -> None:
        claim = attempt.claim
        result = run_child(
            self._request(claim.record),
            self._settings,
            seconds=self._settings.ingest_seconds,
            should_stop=attempt.should_stop,
        )
        if result is None:
            attempt.check_lease()
            attempt.end(lambda: self._store.datasets.release(claim))
            attempt.log.info("put back: this worker shuts down")
            return
        if "error" in result:
            self._store.blobs.delete(staged_path(claim.record.id))
            raise JobFailedError(**result["error"])
        self._charge(claim.record.id, result["about"]["stored_bytes"])
        self._store_arrays(attempt, result["about"])
        attempt.log.info("ready")

    def _charge(self, identifier: str, size: int) -> None:
        """Charge for the arrays; where that is too much, they are not kept."""
        try:
            self._store.usage.charge(identifier, size)
        except QuotaExceededError:
            self._store.blobs.delete(staged_path(identifier))
            raise

    def _request(self, dataset: Dataset) -> dict[str, Any]:
        """What the child is asked for."""
        return {
            "do": "ingest",
            "id": dataset.id,
            "upload": dataset.upload,
            "blob_url": self._settings.blob_url,
            "spec": dataset.spec,
            "files": [file.as_dict() for file in dataset.files],
            "most_bytes": self._settings.max_upload_bytes,
        }

    def _store_arrays(self, attempt: Attempt[Dataset], about: dict[str, Any]) -> None:
        """Give the stored form its name, then say that it is ready, or take it away again."""
        claim, path, blobs = attempt.claim, about["blob"], self._store.blobs
        identifier = claim.record.id
        if path is None:
            attempt.end(lambda: self._store.datasets.ready(claim, about))
            return
        self._store.shared_blobs.keep(path, identifier, lambda: blobs.rename(staged_path(identifier), path))
        blobs.delete(staged_path(identifier))  # it is there still when the same arrays were kept already
        try:
            attempt.end(lambda: self._store.datasets.ready(claim, about))
        except BaseException:
            if not self._is_ready(identifier):
                self._store.shared_blobs.let_go(path, identifier)
            raise

    def _is_ready(self, identifier: str) -> bool:
        """Whether another owner made it ready meanwhile, from the same bytes."""
        try:
            return self._store.datasets.get(identifier).status == "succeeded"
        except NotFoundError:
            return False
