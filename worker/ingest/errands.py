"""Does errands: models written in other formats, and models from outside checked and kept."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from worker.ingest.process import run_child
from worker.settings import Settings
from worker.store import Store
from worker.store.blobs import EXPORT_FORMATS, export_path, model_path
from worker.store.uploads import staged_path
from worker.store.usage import upload_of

logger = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.5


class Errands:
    """Does one errand at a time, in a child process."""

    def __init__(self, store: Store, settings: Settings, *, stopping: Callable[[], bool]) -> None:
        self._store = store
        self._settings = settings
        self._stopping = stopping
        self._looked = 0.0

    def run_waiting(self) -> None:
        """Do an errand that waits, if there is one; looks twice a second at most."""
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        identifier = self._store.errands.next()
        if identifier is not None:
            self.run(identifier)

    def run(self, identifier: str) -> None:
        """Do the errand, if someone still waits for it."""
        errand = self._store.errands.take(identifier)
        if errand is None:
            logger.info("nobody waits", extra={"errand": identifier})
            return
        asked = {**errand, "blob_url": self._settings.blob_url}
        result = run_child(asked, self._settings, seconds=self._settings.errand_seconds, should_stop=self._stopping)
        if result is None:
            return  # who waits sends the wake-up again, to the next worker
        if "error" not in result:
            result = {"import": self._keep, "convert": self._check}[errand["do"]](errand, result["about"])
        self._store.errands.answer(identifier, result)
        logger.info("errand done", extra={"errand": identifier, "do": errand["do"]})

    def _keep(self, errand: Mapping[str, Any], about: Mapping[str, Any]) -> dict[str, Any]:
        """Give the checked model its place, then write its record."""
        model_id = errand["model_id"]
        self._store.blobs.rename(staged_path(errand["upload"]), model_path(model_id))
        self._charge(model_id, like=upload_of(errand["upload"]))
        self._store.models.add(model_id, about["record"])
        return {"model_id": model_id}

    def _check(self, errand: Mapping[str, Any], about: Mapping[str, Any]) -> dict[str, Any]:
        """A model that was deleted meanwhile leaves nothing behind."""
        del about
        if not self._store.models.exists(errand["model_id"]):
            self._store.blobs.delete(export_path(errand["model_id"], errand["format"]))
        else:
            self._charge(errand["model_id"])
        return {"model_id": errand["model_id"]}

    def _charge(self, model_id: str, like: str = "") -> None:
        """Note what the model's files have together; they are there, and each is about as large as the first."""
        paths = [export_path(model_id, name) for name in EXPORT_FORMATS]
        size = sum(self._store.blobs.size(path) or 0 for path in paths)
        self._store.usage.charge(model_id, size, like=like, whatever=True)
