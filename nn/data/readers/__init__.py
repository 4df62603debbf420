"""Readers of files from outside: one small file a format, and the table that names them.

What comes from outside is bytes until it is checked: a reader unpacks nothing beyond a limit, believes no size that a
header claims, and names row and column of what is wrong.
"""

from collections.abc import Callable, Mapping
from typing import BinaryIO, Final, TypeAlias

from nn.data.parsed import ParsedArrays, ParsedTable
from nn.data.readers import csv, idx, npz
from nn.data.readers.options import ReadOptions
from nn.errors import FormatError

Files: TypeAlias = Mapping[str, BinaryIO]
"""The files of one upload by the name of their field: `file`, and for formats that keep labels apart, those."""

Reader: TypeAlias = Callable[[Files, ReadOptions], ParsedTable | ParsedArrays]

READERS: Final[dict[str, Reader]] = {"csv": csv.read, "idx": idx.read, "npz": npz.read}

MAGIC: Final = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "npz"),
    (b"PK\x05\x06", "npz"),
    (b"PAR1", "parquet"),
    (b"\x00\x00", "idx"),
)
"""How a file of each format begins. A text begins with none of these: it is taken for CSV."""

FOREIGN: Final = (
    (b"\xff\xfe", "text in UTF-16; save it as UTF-8"),
    (b"\xfe\xff", "text in UTF-16; save it as UTF-8"),
    (b"\x93NUMPY", "a single .npy array; put rows and targets into one .npz as x and y: numpy.savez(file, x=x, y=y)"),
    (b"\x80\x04", "a pickle, which could run code; save the arrays with numpy.savez"),
    (b"\x80\x03", "a pickle, which could run code; save the arrays with numpy.savez"),
    (b"\x89PNG", "an image; send many of them as one .npz or as IDX"),
    (b"\xff\xd8\xff", "an image; send many of them as one .npz or as IDX"),
    (b"%PDF", "a PDF"),
    (b"\x89HDF", "an HDF5 file; save the arrays with numpy.savez"),
    (b"[", "JSON; send a table as CSV or Parquet"),
    (b"{", "JSON; send a table as CSV or Parquet"),
    (b"<", "HTML or XML; send a table as CSV or Parquet"),
)

EXPECTED: Final = "expected CSV, NPZ, IDX or Parquet"


def format_of(start: bytes) -> str:
    """The format of a file by its first bytes: a name of `READERS`, "parquet" or "gzip"; FormatError."""
    if not start:
        raise FormatError(f"file: {EXPECTED}, got an empty file")
    for magic, name in FOREIGN:
        if start.startswith(magic):
            raise FormatError(f"file: {EXPECTED}, got {name}")
    for magic, name in MAGIC:
        if start.startswith(magic):
            return name
    if b"\0" in start:
        raise FormatError(f"file: {EXPECTED}, got bytes that are no text and begin with {start[:8].hex(' ')}")
    return "csv"
