"""Files on their way in: kept in parts, so that neither who receives nor who reads holds a whole file in memory.

    uploads/<id>/<field>.<number of the part>   kept as long as a data set was read from it
    staged/<id>                                 what was made of it, until it gets its name

A part is written whole or not at all, in a folder and in an object store alike, so what a broken upload left behind is
seen by listing, and can be taken away.
"""

import hashlib
import io
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from worker.errors import UploadTooLargeError
from worker.store.blobs import Blobs
from worker.store.records import MODEL_PREFIX

PART_BYTES: Final = 8 * 1024 * 1024
FOLDER: Final = "uploads"
STAGED: Final = "staged"


@dataclass(frozen=True)
class UploadedFile:
    """One file of an upload, kept whole."""

    field: str
    filename: str | None
    size_bytes: int
    sha256: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-able; `UploadedFile(**…)` takes it."""
        return asdict(self)


def _part(identifier: str, field: str, number: int) -> str:
    return f"{FOLDER}/{identifier}/{field}.{number:06}"


class UploadWriter(io.RawIOBase):
    """Takes a file as it comes, and writes each part when it is full."""

    def __init__(
        self,
        blobs: Blobs,
        identifier: str,
        field: str,
        *,
        most_bytes: int,
        filename: str | None = None,
        admit: Callable[[int], None] = lambda _: None,
    ) -> None:
        """`admit` is told how many bytes are about to be written, and raises when they may not be."""
        super().__init__()
        self.field = field
        self.filename = filename
        self.size = 0
        self._blobs = blobs
        self._identifier = identifier
        self._most_bytes = most_bytes
        self._admit = admit
        self._sha256 = hashlib.sha256()
        self._buffer = bytearray()
        self._parts = 0

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Any) -> int:
        """Take the next bytes.

        Raises:
            UploadTooLargeError: the file exceeds the size limit.

        """
        self.size += len(data)
        if self.size > self._most_bytes:
            raise UploadTooLargeError(self._most_bytes)
        self._sha256.update(data)
        self._buffer += data
        while len(self._buffer) >= PART_BYTES:
            self._write_part(PART_BYTES)
        return len(data)

    def finish(self) -> UploadedFile:
        """Write what is left: the file is whole now."""
        if self._buffer or not self._parts:
            self._write_part(len(self._buffer))
        return UploadedFile(self.field, self.filename, self.size, self._sha256.hexdigest())

    def _write_part(self, size: int) -> None:
        part = bytes(memoryview(self._buffer)[:size])
        del self._buffer[:size]
        self._admit(size)
        self._blobs.put(_part(self._identifier, self.field, self._parts), part)
        self._parts += 1


class UploadReader(io.RawIOBase):
    """An uploaded file as a file: one part is in memory at a time."""

    def __init__(self, blobs: Blobs, identifier: str, file: UploadedFile) -> None:
        super().__init__()
        self._blobs = blobs
        self._identifier = identifier
        self._file = file
        self._place = 0
        self._part_number = -1
        self._part = memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place in the file."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._file.size_bytes}[whence]
        if base + offset < 0:
            raise ValueError(f"expected a place in the file, got {base + offset}")
        self._place = base + offset
        return self._place

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` with what comes next; 0 at the end."""
        if self._place >= self._file.size_bytes:
            return 0
        number, start = divmod(self._place, PART_BYTES)
        if number != self._part_number:
            self._part = memoryview(self._blobs.get(_part(self._identifier, self._file.field, number)))
            self._part_number = number
        piece = self._part[start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)


def open_upload(blobs: Blobs, identifier: str, file: UploadedFile) -> io.BufferedReader:
    """An uploaded file, opened to be read."""
    return io.BufferedReader(UploadReader(blobs, identifier, file), 1 << 16)


def delete_upload(blobs: Blobs, identifier: str) -> None:
    """Take away all parts of an upload, however far it came."""
    blobs.delete_folder(f"{FOLDER}/{identifier}/")


def uploads(blobs: Blobs) -> list[tuple[str, datetime]]:
    """The ID of each upload that is there, and when its newest part was written."""
    return _newest(blobs, FOLDER)


def staged(blobs: Blobs) -> list[tuple[str, datetime]]:
    """The ID of each upload of which a stored form waits for its name, and when that was written."""
    return _newest(blobs, STAGED)


def _newest(blobs: Blobs, folder: str) -> list[tuple[str, datetime]]:
    newest: dict[str, datetime] = {}
    for path, written in blobs.list(folder):
        identifier = path.split("/")[1]
        newest[identifier] = max(written, newest.get(identifier, written))
    return list(newest.items())


def imported_as(identifier: str) -> str:
    """The ID of the model that an upload becomes, if it does: who finds the one knows where the other would be."""
    return MODEL_PREFIX + identifier.partition("_")[2]


def staged_path(identifier: str) -> str:
    """Where the stored form of an upload is written before it gets its name."""
    return f"{STAGED}/{identifier}"
