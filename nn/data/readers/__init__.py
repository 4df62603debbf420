"""Readers of files from outside: one small file a format, each with a `Reader` that tells how it begins.

What comes from outside is bytes until it is checked: a reader unpacks nothing beyond a limit, believes no size that a
header claims, and names row and column of what is wrong. A new format is a file in this package, and nothing else.
"""

from collections.abc import Mapping
from typing import Final

from nn import registry
from nn.data.readers.reader import Files, Reader
from nn.errors import FormatError

__all__ = ["READERS", "Files", "Reader", "format_of"]

READERS: Final[dict[str, Reader]] = registry.instances(__name__, Reader)

GZIP: Final = b"\x1f\x8b"

SPREADSHEET: Final = "save the sheet as CSV"
ARRAYS: Final = "save the arrays with numpy.savez(file, x=x, y=y)"

FOREIGN: Final = (
    (b"\x93NUMPY", f"a single .npy array; put rows and targets into one .npz: {ARRAYS}"),
    (b"\x80\x04", f"a pickle, which could run code; {ARRAYS}"),
    (b"\x80\x05", f"a pickle, which could run code; {ARRAYS}"),
    (b"\x80\x03", f"a pickle, which could run code; {ARRAYS}"),
    (b"\xd0\xcf\x11\xe0", f"an old Office file, such as .xls; {SPREADSHEET}"),
    (b"\x89PNG", "an image; send many of them as one .npz or as IDX"),
    (b"\xff\xd8\xff", "an image; send many of them as one .npz or as IDX"),
    (b"GIF8", "an image; send many of them as one .npz or as IDX"),
    (b"%PDF", "a PDF"),
    (b"\x89HDF", f"an HDF5 file; {ARRAYS}"),
    (b"SQLite format 3", "an SQLite database; export the table as CSV"),
    (b"ARROW1", "an Arrow file; save it as Parquet"),
    (b"Obj\x01", "an Avro file; save it as Parquet"),
    (b"\x28\xb5\x2f\xfd", "a file packed by zstd; unpack it, or pack it by gzip"),
    (b"\xfd7zXZ", "a file packed by xz; unpack it, or pack it by gzip"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it and send the file in it"),
    (b"BZh91AY&SY", "a file packed by bzip2; unpack it, or pack it by gzip"),
    (b"[", "JSON; send a table as CSV or Parquet"),
    (b"{", "JSON; send a table as CSV or Parquet"),
    (b"<", "HTML or XML; send a table as CSV or Parquet"),
)

ZIP: Final = b"PK\x03\x04"
ZIPPED: Final = (
    ("xl/", f"an Excel workbook (.xlsx); {SPREADSHEET}"),
    ("word/", "a Word document (.docx)"),
    ("[Content_Types].xml", f"an Office file such as .xlsx; {SPREADSHEET}"),
    ("_rels/", f"an Office file such as .xlsx; {SPREADSHEET}"),
    ("docProps/", f"an Office file such as .xlsx; {SPREADSHEET}"),
    ("mimetype", f"an OpenDocument file such as .ods; {SPREADSHEET}"),
)
"""How the first name in a zip archive begins, and what the archive is then."""


def format_of(start: bytes, encoding: str | None = None, readers: Mapping[str, Reader] = READERS) -> str:
    """The format of a file by its first bytes: a name of `readers`, or "gzip"; FormatError.

    `encoding` is that of a text, where it was said. A text without a byte order mark is taken for CSV.
    """
    *others, last = (reader.says for reader in readers.values())
    expected = f"expected {', '.join(others)} or {last}"
    if not start:
        raise FormatError(f"file: {expected}, got an empty file")
    if start.startswith(GZIP):
        return "gzip"
    for reader in readers.values():
        if reader.magic and start.startswith(reader.magic):
            return reader.name
    for magic, name in FOREIGN:
        if start.startswith(magic):
            raise FormatError(f"file: {expected}, got {name}")
    if start.startswith(ZIP):
        return _zipped(start, expected)
    if b"\0" in start and encoding is None:
        raise FormatError(f"file: {expected}, got {_binary(start)}")
    return "csv"


def _zipped(start: bytes, expected: str) -> str:
    """NPZ, if the archive's first file is an array; FormatError."""
    size = int.from_bytes(start[26:28], "little")
    first = start[30 : 30 + size].decode(errors="replace")
    if first.endswith(".npy") or not first:
        return "npz"
    for begin, name in ZIPPED:
        if first.startswith(begin):
            raise FormatError(f"file: {expected}, got {name}")
    raise FormatError(f"file: {expected}, got a zip archive with {first[:100]!r}; unpack it and send the file in it")


def _binary(start: bytes) -> str:
    for place, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if start[place::2].count(0) > len(start) // 4 and 0 not in start[1 - place :: 2]:
            return f"text in UTF-16 without a byte order mark; say encoding={encoding}, or save it as UTF-8"
    return f"bytes that are no text and begin with {start[:8].hex(' ')}"
