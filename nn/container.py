"""Named arrays and one JSON object in one file, as an uncompressed .npz: read by `numpy.load`, and without pickle.

Sizes are checked before anything is allocated: a zip may claim more than it holds, and a forged .npy header may ask for
terabytes.
"""

import ast
import io
import json
import math
import operator
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO, Final

import numpy as np

from nn.arrays import AnyArray, Shape
from nn.errors import FormatError

HEADER = "__header__"
MAX_BYTES = 4 << 30
MAX_NPY_HEADER = 10_000


def pack(arrays: Mapping[str, AnyArray], header: Mapping[str, Any]) -> bytes:
    """An .npz of `arrays`, with `header` as JSON text in an array of bytes."""
    text = np.frombuffer(json.dumps(header).encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{HEADER: text}, **dict(arrays))
    return buffer.getvalue()


def unpack(data: bytes, *, max_bytes: int = MAX_BYTES) -> tuple[dict[str, AnyArray], dict[str, Any]]:
    """(arrays, header) of an .npz; the header is {} where there is none. FormatError."""
    arrays = read_npz(data, max_bytes=max_bytes)
    text = arrays.pop(HEADER, None)
    if text is None:
        return arrays, {}
    try:
        header = json.loads(text.astype(np.uint8).tobytes())
    except (ValueError, RecursionError) as error:
        raise FormatError(f"npz: expected JSON in {HEADER}, got an error: {error}") from None
    if not isinstance(header, dict):
        raise FormatError(f"npz: expected a JSON object in {HEADER}, got {type(header).__name__}")
    return arrays, header


def read_npz(data: bytes, *, max_bytes: int = MAX_BYTES) -> dict[str, AnyArray]:
    """All arrays of an .npz of plain numbers or text, at most `max_bytes` unpacked; FormatError."""
    arrays = {}
    with open_npz(io.BytesIO(data)) as archive:
        members = archive.infolist()
        claimed = sum(member.file_size for member in members)
        if claimed > max_bytes:
            raise FormatError(f"npz: expected at most {max_bytes} bytes unpacked, got {claimed}")
        for member in members:
            with archive.open(member) as file:
                # A zip's claim may be a lie too: read no more than it said.
                content = file.read(member.file_size + 1)
            arrays[member.filename.removesuffix(".npy")] = read_npy(content, member.filename)
    return arrays


BROKEN: Final = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
"""What reading a broken zip can raise: a damaged size becomes a negative place to go to, a ValueError."""


@contextmanager
def open_npz(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """The zip file that an .npz is; FormatError for a broken one, wherever in the block that is found out."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except BROKEN as error:
        raise FormatError(f"npz: expected a whole zip file, got an error: {error}") from None


def read_npy(content: bytes, name: str) -> AnyArray:
    """One .npy file; its header must ask for exactly the bytes that follow. FormatError."""
    start, shape, fortran, dtype = _npy_header(content, name)
    expected = math.prod(shape) * dtype.itemsize
    if dtype.hasobject or dtype.names or dtype.subdtype or any(size < 0 for size in shape):
        raise FormatError(f"{name}: expected plain numbers or text, got {dtype} of shape {shape}")
    if len(content) - start != expected:
        raise FormatError(f"{name}: expected {expected} bytes for shape {shape}, got {len(content) - start}")
    array = np.frombuffer(content, dtype, count=math.prod(shape), offset=start)
    return array.reshape(shape, order="F" if fortran else "C").astype(dtype.newbyteorder("="))


def _npy_header(content: bytes, name: str) -> tuple[int, Shape, bool, np.dtype[Any]]:
    """(where the numbers begin, shape, whether in Fortran's order, dtype); NumPy's NEP 1."""
    wide = 2 if content[6:7] == b"\x01" else 4
    start = 8 + wide + int.from_bytes(content[8 : 8 + wide], "little")
    if content[:6] != b"\x93NUMPY" or start > min(len(content), MAX_NPY_HEADER):
        raise FormatError(f"{name}: expected an .npy header, got {content[:10]!r}")
    try:
        header = ast.literal_eval(content[8 + wide : start].decode("latin1").strip())
        shape, fortran, dtype = header["shape"], header["fortran_order"], np.dtype(header["descr"])
        return start, tuple(map(operator.index, shape)), bool(fortran), dtype
    except (ValueError, SyntaxError, TypeError, KeyError, RecursionError, MemoryError, OverflowError) as error:
        raise FormatError(f"{name}: expected an .npy header, got an error: {error}") from None
