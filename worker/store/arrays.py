"""The stored form of a data set: named arrays in a safetensors file, read row by row without NumPy.

The form (Hugging Face, format 1.0): the header's length as a little-endian 64-bit number, the header as JSON, then the
numbers, each array in one piece and in C order. What the numbers mean travels as JSON under "neurond".
"""

import sys
from array import array
from dataclasses import dataclass
from math import prod
from typing import Any, Final

import orjson

from worker.store.blobs import Blobs

LENGTH_BYTES: Final = 8

TYPECODES: Final = {"U8": "B", "F32": "f", "F64": "d", "I64": "q"}
"""The types of numbers that are stored, as Python's `array` calls them."""

SIZES: Final = {"U8": 1, "F32": 4, "F64": 8, "I64": 8}


@dataclass(frozen=True)
class StoredArray:
    """Where an array is in its blob: its type, its shape, and the place of its first byte."""

    path: str
    kind: str
    shape: tuple[int, ...]
    start: int

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return prod(self.shape[1:]) * SIZES[self.kind]

    def rows(self, blobs: Blobs, offset: int, limit: int) -> list[list[Any]]:
        """Rows from `offset` on, at most `limit`, as plain numbers."""
        count = max(0, min(limit, self.shape[0] - offset))
        if not count:
            return []
        start = self.start + offset * self.row_bytes
        numbers = array(TYPECODES[self.kind])
        numbers.frombytes(blobs.get_range(self.path, start, start + count * self.row_bytes))
        if sys.byteorder == "big":
            numbers.byteswap()
        width = prod(self.shape[1:])
        return [numbers[place : place + width].tolist() for place in range(0, count * width, width)]


@dataclass(frozen=True)
class StoredDataset:
    """The arrays x_train, y_train, x_test and y_test of a data set, and what they mean.

    Those of a table have rows_train and rows_test beside them: which row of the file each one is, from 1.
    """

    arrays: dict[str, StoredArray]
    facts: dict[str, Any]

    @classmethod
    def open(cls, blobs: Blobs, path: str) -> "StoredDataset":
        """Read where everything is; BlobMissingError."""
        length = int.from_bytes(blobs.get_range(path, 0, LENGTH_BYTES), "little")
        header = orjson.loads(blobs.get_range(path, LENGTH_BYTES, LENGTH_BYTES + length))
        facts = orjson.loads(header.pop("__metadata__")["neurond"])
        first = LENGTH_BYTES + length
        return cls(
            {
                name: StoredArray(path, entry["dtype"], tuple(entry["shape"]), first + entry["data_offsets"][0])
                for name, entry in header.items()
            },
            facts,
        )


def header_of(arrays: dict[str, tuple[str, tuple[int, ...]]], facts: dict[str, Any]) -> bytes:
    """The beginning of a stored data set: its arrays' types and shapes by name, in the order in which they follow."""
    header: dict[str, Any] = {"__metadata__": {"neurond": orjson.dumps(facts).decode()}}
    end = 0
    for name, (kind, shape) in arrays.items():
        start, end = end, end + prod(shape) * SIZES[kind]
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [start, end]}
    text = orjson.dumps(header)
    text += b" " * (-len(text) % LENGTH_BYTES)  # so that the numbers are aligned
    return len(text).to_bytes(LENGTH_BYTES, "little") + text
