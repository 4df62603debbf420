"""Bytes by path: weights and checkpoints, in a folder or in an object store, behind one small interface."""

from pathlib import Path
from urllib.parse import urlsplit

import obstore
from obstore.store import LocalStore, ObjectStore, from_url

from worker.errors import BlobMissingError


def model_path(model_id: str) -> str:
    """Where the weights of a model are."""
    return f"models/{model_id}.safetensors"


class Blobs:
    """A blob store. A write is there whole or not at all."""

    def __init__(self, url: str) -> None:
        """Open the store at `url`: `file:///folder` (made when it is not there), `s3://bucket/prefix`, `gs://…`."""
        self._store: ObjectStore
        if url.startswith("file://"):
            self._store = LocalStore(Path(urlsplit(url).path), mkdir=True)
        else:
            self._store = from_url(url)

    def put(self, path: str, data: bytes) -> None:
        """Keep `data` under `path`."""
        obstore.put(self._store, path, data)

    def get(self, path: str) -> bytes:
        """What is kept under `path`.

        Raises:
            BlobMissingError: nothing is.

        """
        try:
            return bytes(obstore.get(self._store, path).bytes())
        except FileNotFoundError as error:
            raise BlobMissingError(f"the blob store holds nothing under {path!r}") from error

    def delete(self, path: str) -> None:
        """Keep nothing under `path`; it is no error when nothing was."""
        try:
            obstore.delete(self._store, path)
        except FileNotFoundError:
            return
