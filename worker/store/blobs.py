"""Bytes by path: data, weights and checkpoints, in a folder or in an object store, behind one small interface."""

import contextlib
import errno
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore

from worker.errors import BlobMissingError, StorageFullError
from worker.jobspec.catalogue import CATALOGUE
from worker.store.object_store import (
    AT_ONCE,
    NO_BUCKET,
    PIECE_BYTES,
    PROBING,
    WORKING,
    failure,
    open_store,
)

Answer = TypeVar("Answer")

PROBE_PATH: Final = "probe"
"""Always the same: a process that dies while it probes leaves nothing that the next one does not take away."""


FULL: Final = (os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT))
"""What a disk without space says; the library gives it as a part of its text."""


LAST_BYTES: Final = 256 * 1024 * 1024
LAST_SHARE: Final = 0.01
"""Of a disk, whichever is less: no blob is written into it, whoever would. Redis writes there too, and ends where it
cannot.
"""


class Run(Protocol):
    """Calls a function, and gives what it gives or raises what it raises."""

    def __call__(self, function: Callable[..., Answer], /, *arguments: Any, **options: Any) -> Answer:
        """Call it."""


def direct(function: Callable[..., Answer], /, *arguments: Any, **options: Any) -> Answer:
    """Call it here and now."""
    return function(*arguments, **options)


NATIVE_FORMAT: Final = "safetensors"
EXPORT_FORMATS: Final[tuple[str, ...]] = tuple(CATALOGUE["exports"])
"""In which a model may be had; those that are not native are written when they are first asked for."""


def export_path(model_id: str, format: str) -> str:  # noqa: A002  # the API's word
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
        self._url = url
        self._store: ObjectStore
        self._folder = Path(urlsplit(url).path) if url.startswith("file://") else None
        try:
            self._store = LocalStore(self._folder, mkdir=True) if self._folder else open_store(url, WORKING)
        except (BaseError, OSError, ValueError) as error:
            raise failure("the blob store cannot be opened", url, error) from error

    def probe(self) -> None:
        """Write, read and delete a small blob, and wait for it no longer than some seconds."""
        try:
            self._run(lambda: _probe(self._prober))
        except (BaseError, OSError) as error:
            raise failure("the blob store cannot be used", self._url, error) from error

    @cached_property
    def _prober(self) -> ObjectStore:
        """The same store, reached with less patience."""
        return self._store if self._folder else open_store(self._url, PROBING)

    def put(self, path: str, data: bytes) -> None:
        """Keep `data` under `path`; in a folder it is on the disk when this returns."""
        self._leave_the_last(len(data))
        with self._errors(path, "written"):
            self._run(obstore.put, self._store, path, data, chunk_size=PIECE_BYTES, max_concurrency=AT_ONCE)
            self._sync(path)

    def put_pieces(self, path: str, pieces: Iterator[bytes | memoryview]) -> None:
        """Keep what `pieces` give, one after the other, under `path`; they need not fit in memory together."""
        with self._errors(path, "written"):
            self._run(
                obstore.put,
                self._store,
                path,
                self._while_there_is_space(pieces),
                use_multipart=True,
                chunk_size=PIECE_BYTES,
                max_concurrency=1,
            )
            self._sync(path)

    def get(self, path: str) -> bytes:
        """What is kept under `path`."""
        with self._errors(path, "read"):
            return self._run(lambda: bytes(obstore.get(self._store, path).bytes()))

    def get_range(self, path: str, start: int, end: int) -> memoryview:
        """The bytes from `start` to `end`; fewer at the blob's end."""
        with self._errors(path, "read"):
            return memoryview(self._run(obstore.get_range, self._store, path, start=start, end=end))

    def stream(self, path: str) -> Iterator[bytes]:
        """What is kept under `path`, piece by piece."""
        with self._errors(path, "read"):
            pieces = iter(self._run(obstore.get, self._store, path).stream(min_chunk_size=PIECE_BYTES))
            while (piece := self._run(next, pieces, None)) is not None:
                yield bytes(piece)

    def size(self, path: str) -> int | None:
        """How many bytes are kept under `path`; None: nothing is."""
        try:
            with self._errors(path, "read"):
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
        with self._errors(".", "measured"):
            usage = shutil.disk_usage(self._folder)
        return usage.free, usage.total

    def _leave_the_last(self, size: int) -> None:
        disk = self.disk()
        if disk is not None and disk[0] - size < min(LAST_BYTES, int(disk[1] * LAST_SHARE)):
            raise StorageFullError(f"{disk[0]} bytes of the blob store's disk are free: too little for {size} more")

    def _while_there_is_space(self, pieces: Iterator[bytes | memoryview]) -> Iterator[bytes | memoryview]:
        for piece in pieces:
            self._leave_the_last(len(piece))
            yield piece

    def rename(self, path: str, new: str) -> None:
        """Keep under `new` what was kept under `path`."""
        with self._errors(path, "renamed"):
            self._run(obstore.rename, self._store, path, new)
            self._sync(new)

    def list(self, folder: str) -> Iterator[tuple[str, datetime]]:
        """The paths below `folder`, with when each was written."""
        for entry in self._entries(folder):
            yield entry["path"], entry["last_modified"]

    def delete(self, path: str) -> None:
        """Keep nothing under `path`; it is no error when nothing was."""
        with contextlib.suppress(BlobMissingError), self._errors(path, "deleted"):
            self._run(obstore.delete, self._store, path)

    def delete_folder(self, folder: str) -> None:
        """Keep nothing whose path begins with `folder`."""
        for path, _ in self.list(folder):
            self.delete(path)
        if self._folder is not None:
            with contextlib.suppress(OSError):
                (self._folder / folder).rmdir()

    def _entries(self, folder: str) -> Iterator[Any]:
        with self._errors(folder, "listed"):
            pages = iter(obstore.list(self._store, folder))
            while (page := self._run(next, pages, None)) is not None:
                yield from page

    @contextlib.contextmanager
    def _errors(self, path: str, done: str) -> Iterator[None]:
        """What the store raises, as errors of ours. A bucket that is not there is more than a missing blob."""
        try:
            yield
        except (BaseError, OSError) as error:
            if isinstance(error, FileNotFoundError) and NO_BUCKET not in str(error):
                raise BlobMissingError(f"the blob store holds nothing under {path!r}") from error
            if any(said in str(error) for said in FULL):
                raise StorageFullError(f"{path} could not be {done}: the disk is full") from error
            raise failure(f"{path} could not be {done}", self._url, error) from error

    def _sync(self, path: str) -> None:
        if self._folder is not None:
            self._run(_sync, self._folder / path)


def _probe(store: ObjectStore) -> None:
    obstore.put(store, PROBE_PATH, b"neurond")
    for step in (obstore.get, obstore.delete):
        try:
            step(store, PROBE_PATH)
        except FileNotFoundError as error:  # another process that probes was faster
            if NO_BUCKET in str(error):
                raise


def _sync(path: Path) -> None:
    """Have the kernel write a file, and its entry in the folder, to the disk."""
    for place in (path, path.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
