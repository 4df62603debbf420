"""Takes away what broken uploads left in the blob store."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Final

from worker.errors import BlobError, NotFoundError
from worker.store import Store
from worker.store.records import MODEL_PREFIX
from worker.store.uploads import staged, staged_path, uploads

logger = logging.getLogger(__name__)

ABANDONED: Final = timedelta(hours=1)
"""Age of the last addition to an upload that no record knows, from which it counts as broken off."""


def sweep(store: Store) -> None:
    """Take away the uploads that no data set was read from, and what was made of an upload and never got its name.

    Then nobody is charged any more for what has no record.
    """
    try:
        for identifier, written in uploads(store.blobs):
            if _is_over(store, identifier, written) and not store.datasets.is_read_from(identifier):
                store.let_go_upload(identifier)
                logger.info("swept", extra={"path": identifier})
        for identifier, written in staged(store.blobs):
            if _is_over(store, identifier, written):
                store.blobs.delete(staged_path(identifier))
                logger.info("swept", extra={"path": staged_path(identifier)})
    except BlobError as error:
        logger.warning("could not sweep", extra={"error": str(error)})
    gone = store.usage.forget_gone(lambda thing: _is_there(store, thing))
    if gone:
        logger.info("discharged what is gone", extra={"count": gone})


def _is_there(store: Store, thing: str) -> bool:
    """Whether what is charged for still has its record."""
    kind, _, upload = thing.partition(" ")
    if upload:
        return store.datasets.is_read_from(upload)
    if kind.startswith(MODEL_PREFIX):
        return store.models.exists(thing)
    return store.records_of(thing).exists(thing)


def _is_over(store: Store, identifier: str, written: datetime) -> bool:
    """Whether nobody writes or reads there any more."""
    try:
        return bool(store.records_of(identifier).get(identifier).finished)
    except NotFoundError:
        return written < datetime.now(UTC) - ABANDONED
