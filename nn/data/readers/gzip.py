"""gzip: any of the files may come packed. It is unpacked as it is read, and no further than a limit."""

import gzip
import io
import zlib
from typing import Any, BinaryIO

from nn.errors import FormatError


class Unpacked(io.RawIOBase):
    """What is in a gzip file; FormatError where it is broken, or holds more than `most_bytes`."""

    def __init__(self, file: BinaryIO, most_bytes: int) -> None:
        super().__init__()
        self._packed = gzip.GzipFile(fileobj=file)
        self._most_bytes = most_bytes

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is, at the price of unpacking again."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place in what is unpacked."""
        return self._packed.seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` with what comes next; 0 at the end."""
        try:
            size = self._packed.readinto(buffer)
            place = self._packed.tell()
        except (OSError, EOFError, zlib.error) as error:
            raise FormatError(f"gzip: expected a whole file, got one that fails: {error}") from None
        if place > self._most_bytes:
            raise FormatError(f"gzip: expected at most {self._most_bytes} bytes unpacked, got more")
        return size


def unpacked(file: BinaryIO, most_bytes: int) -> BinaryIO:
    """What is in a gzip file, to be read as any other."""
    return io.BufferedReader(Unpacked(file, most_bytes), 1 << 16)
