"""IDX, the format of MNIST: a magic number, the sizes, then the numbers (LeCun, Cortes & Burges, "The MNIST database").

    offset 0   0x00 0x00, a type byte, the number of dimensions d
    offset 4   d sizes, each a big-endian 32-bit unsigned integer
    then       the numbers, big-endian, the last dimension running fastest

What comes from outside is bytes until it is checked: nothing is unpacked beyond a limit, and the sizes that a header
claims must be those that came.
"""

import math
import zlib
from collections.abc import Mapping
from typing import BinaryIO, Final

import numpy as np

from nn.arrays import AnyArray
from nn.data.parse_results import NO_TARGETS, ParsedArrays
from nn.data.readers.options import ReadOptions
from nn.data.readers.reader import Reader
from nn.errors import DataError, FormatError

MAX_BYTES = 1 << 30
TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP_MAGIC = b"\x1f\x8b"
PAIRS: Final = (("file", "labels"), ("test_file", "test_labels"))
"""Images and their labels, by the names of their fields: to train on, and to test with."""


def read(files: Mapping[str, BinaryIO], options: ReadOptions) -> ParsedArrays:
    """Images of `file` with `labels`, and a test part of `test_file` with `test_labels` where they came."""
    if not options.labelled and PAIRS[0][1] not in files:
        return ParsedArrays(_read(files["file"], "file", options), NO_TARGETS)
    x, y = _pair(files, *PAIRS[0], options)
    if not files.keys() & set(PAIRS[1]):
        return ParsedArrays(x, y)
    return ParsedArrays(x, y, *_pair(files, *PAIRS[1], options))


def _pair(files: Mapping[str, BinaryIO], images: str, labels: str, options: ReadOptions) -> tuple[AnyArray, AnyArray]:
    """Images and their labels."""
    for name, other in ((images, labels), (labels, images)):
        if name not in files:
            raise FormatError(
                f"{name}: expected it beside {other}, got none; IDX keeps images and labels apart: "
                f"send both in one multipart form, as {images} and {labels}"
            )
    x, y = (_read(files[name], name, options) for name in (images, labels))
    if y.ndim != 1 or x.ndim < 2:
        raise DataError(f"{images}, {labels}: expected images and one label each, got {x.shape} and {y.shape}")
    if len(x) != len(y):
        raise DataError(f"{labels}: expected one label for each of {len(x)} images, got {len(y)}")
    return x, y


def _read(file: BinaryIO, name: str, options: ReadOptions) -> AnyArray:
    try:
        return read_idx(file.read(), max_bytes=options.most_bytes)
    except FormatError as error:
        raise FormatError(f"{name}: {error}") from None


def read_idx(data: bytes, *, max_bytes: int = MAX_BYTES) -> AnyArray:
    """The array in an IDX file, plain or gzipped; in native byte order; FormatError.

    `max_bytes` bounds what a compressed file may unpack to.
    """
    if data[:2] == GZIP_MAGIC:
        data = gunzip(data, max_bytes=max_bytes)
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in TYPES or not 1 <= data[3] <= 8:
        raise FormatError(f"IDX: expected a magic number such as 00 00 08 03, got {data[:4].hex(' ') or 'nothing'}")
    dtype, dimensions = np.dtype(TYPES[data[2]]), data[3]
    start = 4 + 4 * dimensions
    if len(data) < start:
        raise FormatError(f"IDX: expected {dimensions} sizes in the header, got a file of {len(data)} bytes")
    shape = tuple(int.from_bytes(data[i : i + 4], "big") for i in range(4, start, 4))
    expected = math.prod(shape) * dtype.itemsize
    if len(data) - start != expected:
        raise FormatError(f"IDX: expected {expected} bytes for shape {shape}, got {len(data) - start}")
    if math.prod(max(size, 1) for size in shape) * dtype.itemsize > max_bytes:  # beside a size of 0
        raise FormatError(f"IDX: expected sizes of at most {max_bytes} bytes, got shape {shape}")
    array = np.frombuffer(data, dtype, offset=start).reshape(shape)
    return array if dtype.itemsize == 1 else array.astype(dtype.newbyteorder("="))


def gunzip(data: bytes, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Unpack one gzip stream of at most `max_bytes`; FormatError for more, for less than it claims, and for junk."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(data, max_bytes + 1)
    except zlib.error as error:
        raise FormatError(f"gzip: expected a whole stream, got one that fails: {error}") from None
    if len(unpacked) > max_bytes:
        raise FormatError(f"gzip: expected at most {max_bytes} bytes unpacked, got more")
    if not unpacker.eof:
        raise FormatError("gzip: expected a whole stream, got one that ends early")
    return unpacked


IDX: Final = Reader("idx", (b"\0\0",), (".idx",), "IDX", arrays=read)
