"""Takes away what broken uploads left in the blob store."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Final

from worker.errors import BlobError, NotFoundError
from worker.store import Store
from worker.store.care import FINISHED
from worker.store.uploads import delete_upload, uploads

logger = logging.getLogger(__name__)

ABANDONED: Final = timedelta(hours=1)
"""An upload that no record knows, and to which nothing was added for so long, was broken off."""


def sweep(store: Store) -> None:
    """Take away what broken uploads left: those that are over, and those that no record knows."""
    now = datetime.now(UTC)
    try:
        for identifier, written in uploads(store.blobs):
            try:
                over = store.datasets.get(identifier).status in FINISHED
            except NotFoundError:
                over = written < now - ABANDONED
            if over:
                delete_upload(store.blobs, identifier)
                logger.info("swept", extra={"path": identifier})
    except BlobError as error:
        logger.warning("could not sweep", extra={"error": str(error)})
