"""Bytes by path: weights and checkpoints, in a folder or in an object store, behind one small interface."""

import contextlib
import os
from pathlib import Path
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from worker.errors import BlobError, BlobMissingError


def model_path(model_id: str) -> str:
    """Where the weights of a model are."""
    return f"models/{model_id}.safetensors"


def checkpoint_folder(job_id: str) -> str:
    """Where all checkpoints of a job are."""
    return f"checkpoints/{job_id}/"


def checkpoint_path(job_id: str, token: int, number: int) -> str:
    """Where one of them is: no two attempts write to the same place."""
    return f"{checkpoint_folder(job_id)}{token:06}-{number:06}.npz"


class Blobs:
    """A blob store. A write is there whole or not at all."""

    def __init__(self, url: str) -> None:
        """Open the store at `url`: `file:///folder` (made when it is not there), `s3://bucket/prefix`, `gs://…`."""
        self._store: ObjectStore
        self._folder = Path(urlsplit(url).path) if url.startswith("file://") else None
        try:
            self._store = LocalStore(self._folder, mkdir=True) if self._folder else from_url(url)
        except (BaseError, OSError) as error:
            raise BlobError(f"the blob store cannot be opened: {_first_line(error)}") from error

    def put(self, path: str, data: bytes) -> None:
        """Keep `data` under `path`; in a folder it is on the disk when this returns.

        Raises:
            BlobError: it could not be written, and nothing of it is there.

        """
        try:
            obstore.put(self._store, path, data)
            if self._folder is not None:
                _sync(self._folder / path)
        except (BaseError, OSError) as error:
            raise BlobError(f"{path} could not be written: {_first_line(error)}") from error

    def get(self, path: str) -> bytes:
        """What is kept under `path`.

        Raises:
            BlobMissingError: nothing is.
            BlobError: it could not be read.

        """
        try:
            return bytes(obstore.get(self._store, path).bytes())
        except FileNotFoundError as error:
            raise BlobMissingError(f"the blob store holds nothing under {path!r}") from error
        except (BaseError, OSError) as error:
            raise BlobError(f"{path} could not be read: {_first_line(error)}") from error

    def delete(self, path: str) -> None:
        """Keep nothing under `path`; it is no error when nothing was."""
        try:
            obstore.delete(self._store, path)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise BlobError(f"{path} could not be deleted: {_first_line(error)}") from error

    def delete_folder(self, folder: str) -> None:
        """Keep nothing whose path begins with `folder`."""
        for page in obstore.list(self._store, folder):
            for entry in page:
                self.delete(entry["path"])
        if self._folder is not None:
            with contextlib.suppress(OSError):
                (self._folder / folder).rmdir()


def _sync(path: Path) -> None:
    """Have the kernel write a file, and its entry in the folder, to the disk."""
    for place in (path, path.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _first_line(error: Exception) -> str:
    """What went wrong, without the library's own debugging text."""
    return str(error).partition("\n")[0]
