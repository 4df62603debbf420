"""Bytes by path: data, weights and checkpoints, in a folder or in an object store, behind one small interface."""

import contextlib
import errno
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from worker.errors import BlobError, BlobMissingError, StorageFullError

Answer = TypeVar("Answer")

PIECE_BYTES: Final = 8 * 1024 * 1024
"""Bytes of a large blob that are in memory at a time."""


FULL: Final = (os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT))
"""What a disk without space says; the library gives it as a part of its text."""


class Run(Protocol):
    """Calls a function, and gives what it gives or raises what it raises."""

    def __call__(self, function: Callable[..., Answer], /, *arguments: Any, **options: Any) -> Answer:
        """Call it."""


def direct(function: Callable[..., Answer], /, *arguments: Any, **options: Any) -> Answer:
    """Call it here and now."""
    return function(*arguments, **options)


NATIVE_FORMAT: Final = "safetensors"
EXPORT_FORMATS: Final = (NATIVE_FORMAT, "npz", "onnx")
"""In which a model may be had; those that are not native are written when they are first asked for."""


def export_path(model_id: str, format: str) -> str:  # noqa: A002
    """Where a model is in a format of `EXPORT_FORMATS`."""
    return f"models/{model_id}.{format}"


def model_path(model_id: str) -> str:
    """Where the weights of a model are."""
    return export_path(model_id, NATIVE_FORMAT)


def growth_path(model_id: str) -> str:
    """Where the copies of a model's first layer are that its training took."""
    return f"models/{model_id}.growth"


def checkpoint_folder(job_id: str) -> str:
    """Where all checkpoints of a job are."""
    return f"checkpoints/{job_id}/"


def checkpoint_path(job_id: str, token: int, number: int) -> str:
    """Where one of them is: no two attempts write to the same place."""
    return f"{checkpoint_folder(job_id)}{token:06}-{number:06}.npz"


class Blobs:
    """A blob store. A write is there whole or not at all.

    Every method raises BlobError when the store cannot do its work, and those that read raise BlobMissingError when
    nothing is kept under their path.
    """

    def __init__(self, url: str, run: Run = direct) -> None:
        """Open the store at `url`: `file:///folder` (made when it is not there), `s3://bucket/prefix`, `gs://…`.

        `run` makes each call that waits for a disk or a network: the API, which must not wait, hands it to a thread.
        """
        self._run = run
        self._store: ObjectStore
        self._folder = Path(urlsplit(url).path) if url.startswith("file://") else None
        try:
            self._store = LocalStore(self._folder, mkdir=True) if self._folder else from_url(url)
        except (BaseError, OSError) as error:
            raise BlobError(f"the blob store cannot be opened: {_first_line(error)}") from error

    def put(self, path: str, data: bytes) -> None:
        """Keep `data` under `path`; in a folder it is on the disk when this returns."""
        with _errors(path, "written"):
            self._run(obstore.put, self._store, path, data)
            self._sync(path)

    def put_pieces(self, path: str, pieces: Iterator[bytes | memoryview]) -> None:
        """Keep what `pieces` give, one after the other, under `path`; they need not fit in memory together."""
        with _errors(path, "written"):
            self._run(
                obstore.put,
                self._store,
                path,
                pieces,
                use_multipart=True,
                chunk_size=PIECE_BYTES,
                max_concurrency=1,
            )
            self._sync(path)

    def get(self, path: str) -> bytes:
        """What is kept under `path`."""
        with _errors(path, "read"):
            return self._run(lambda: bytes(obstore.get(self._store, path).bytes()))

    def get_range(self, path: str, start: int, end: int) -> memoryview:
        """The bytes from `start` to `end`; fewer at the blob's end."""
        with _errors(path, "read"):
            return memoryview(self._run(obstore.get_range, self._store, path, start=start, end=end))

    def stream(self, path: str) -> Iterator[bytes]:
        """What is kept under `path`, piece by piece."""
        with _errors(path, "read"):
            pieces = iter(self._run(obstore.get, self._store, path).stream(min_chunk_size=PIECE_BYTES))
            while (piece := self._run(next, pieces, None)) is not None:
                yield bytes(piece)

    def size(self, path: str) -> int | None:
        """How many bytes are kept under `path`; None: nothing is."""
        try:
            with _errors(path, "read"):
                return self._run(obstore.head, self._store, path)["size"]
        except BlobMissingError:
            return None

    def folder_size(self, folder: str) -> int:
        """How many bytes are kept below `folder`."""
        return sum(entry["size"] for entry in self._entries(folder))

    def disk(self) -> tuple[int, int] | None:
        """Free bytes of the disk, and all of them; None: it is no folder."""
        if self._folder is None:
            return None
        usage = self._run(shutil.disk_usage, self._folder)
        return usage.free, usage.total

    def rename(self, path: str, new: str) -> None:
        """Keep under `new` what was kept under `path`."""
        with _errors(path, "renamed"):
            self._run(obstore.rename, self._store, path, new)
            self._sync(new)

    def list(self, folder: str) -> Iterator[tuple[str, datetime]]:
        """The paths below `folder`, with when each was written."""
        for entry in self._entries(folder):
            yield entry["path"], entry["last_modified"]

    def delete(self, path: str) -> None:
        """Keep nothing under `path`; it is no error when nothing was."""
        with contextlib.suppress(BlobMissingError), _errors(path, "deleted"):
            self._run(obstore.delete, self._store, path)

    def delete_folder(self, folder: str) -> None:
        """Keep nothing whose path begins with `folder`."""
        for path, _ in self.list(folder):
            self.delete(path)
        if self._folder is not None:
            with contextlib.suppress(OSError):
                (self._folder / folder).rmdir()

    def _entries(self, folder: str) -> Iterator[Any]:
        with _errors(folder, "listed"):
            pages = iter(obstore.list(self._store, folder))
            while (page := self._run(next, pages, None)) is not None:
                yield from page

    def _sync(self, path: str) -> None:
        if self._folder is not None:
            self._run(_sync, self._folder / path)


@contextlib.contextmanager
def _errors(path: str, done: str) -> Iterator[None]:
    """What the store raises, as errors of ours."""
    try:
        yield
    except FileNotFoundError as error:
        raise BlobMissingError(f"the blob store holds nothing under {path!r}") from error
    except (BaseError, OSError) as error:
        kind = StorageFullError if any(words in str(error) for words in FULL) else BlobError
        raise kind(f"{path} could not be {done}: {_first_line(error)}") from error


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
