"""Long lists of numbers in JSON, read piece by piece: few objects stand at a time, and others get a turn in between."""

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, Final, TypeAlias

import numpy as np
import orjson
from numpy.typing import NDArray

from worker.store.prediction_queue import LONG_BYTES

PIECE_BYTES: Final = 64 * 1024
"""Read at once: about 1.5 ms of work, and no more objects than a processor's cache holds."""

PIECE_ROWS: Final = 16
"""Rows that are made an array at once, of a long body that was read whole."""

SPACES: Final = b" \t\r\n"
SPACE: Final = rb"[ \t\r\n]*"
COMMA: Final = re.compile(SPACE + b"," + SPACE)
OPENING: Final = re.compile(rb"(?:[ \t\r\n]*\[)*")
PLACEHOLDER: Final = secrets.token_hex(16)

Piece: TypeAlias = NDArray[Any] | list[Any]
"""Some rows, or numbers, of a list: an array where all of them are numbers and rows are as long as each other."""


class Pieces:
    """A list, in order."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces

    def __len__(self) -> int:
        return sum(map(len, self.pieces))


def read(body: bytes, key: str, check: Callable[[], object]) -> Any:
    """Read JSON as `orjson.loads` does. In a long body the list under `key` becomes `Pieces` where it has only numbers.

    `check` is called before each piece, and may raise.

    Raises:
        orjson.JSONDecodeError: it is no JSON.

    """
    return (_read_long(body, key, check) if len(body) >= LONG_BYTES else None) or orjson.loads(body)


def in_pieces(values: list[Any], body: bytes, check: Callable[[], object]) -> Pieces:
    """The same of a list that `body`, read whole, had."""
    size = len(values) if len(body) < LONG_BYTES else PIECE_ROWS
    booleans, pieces = _holds_booleans(body), []
    for start in range(0, len(values), size):
        check()
        pieces.append(_packed(values[start : start + size], booleans=booleans))
    return Pieces(pieces)


def _packed(values: list[Any], *, booleans: bool) -> Piece:
    if booleans:  # NumPy would take them for 1 and 0
        return values
    try:
        array = np.array(values)
    except (ValueError, OverflowError):
        return values
    return array if array.dtype.kind in "iuf" else values


def _holds_booleans(text: bytes) -> bool:
    return b"true" in text or b"false" in text


def _read_long(body: bytes, key: str, check: Callable[[], object]) -> Any:
    """The document, or None where it is none, or has no such list: then it is to be read as a whole."""
    begun = re.search(b'"' + key.encode() + b'"' + SPACE + b":" + SPACE + rb"\[", body)
    if begun is None:
        return None
    # A list of numbers has neither of these; the first behind it ends what holds it, or begins the next field.
    start, marks = begun.end(), (body.find(mark, begun.end()) for mark in (b'"', b"{", b"}"))
    end = body.rfind(b"]", start, min((mark for mark in marks if mark >= 0), default=len(body)))
    if end < start:
        return None
    try:
        document = orjson.loads(body[: start - 1] + orjson.dumps(PLACEHOLDER) + body[end + 1 :])
        pieces = Pieces(list(_pieces(body[start:end], check)))
    except ValueError:  # orjson's errors are among them
        return None
    return _put(document, key, pieces)


def _put(document: Any, key: str, pieces: Pieces) -> Any:
    """The document with the list in its place: under `key` of it, or of the one entry of its `inputs`; or None."""
    inner = document.get("inputs") if isinstance(document, dict) else None
    for holder in (document, inner[0] if isinstance(inner, list) and len(inner) == 1 else None):
        if isinstance(holder, dict) and holder.get(key) == PLACEHOLDER:
            holder[key] = pieces
            return document
    return None


def _pieces(text: bytes, check: Callable[[], object]) -> Iterator[Piece]:
    """What stands between the brackets of a list, some rows at a time. ValueError: it is no list of rows or numbers."""
    opening = OPENING.match(text)
    depth = opening[0].count(b"[") if opening else 0
    row_end = re.compile(SPACE.join([rb"\]"] * depth) if depth else b"(?=,)")
    at = 0
    while True:
        check()
        cut = text.rfind(b"]", at, at + PIECE_BYTES) + 1 if depth == 1 else 0
        if cut <= at:  # a row longer than a piece, or one in rows
            found = row_end.search(text, at + PIECE_BYTES)
            cut = found.end() if found else len(text)
        yield _piece(text[at:cut], depth, check)
        comma = COMMA.match(text, cut)
        if comma is None:
            if text[cut:].strip(SPACES):
                raise ValueError("expected a comma between two rows")
            return
        at = comma.end()


def _piece(raw: bytes, depth: int, check: Callable[[], object]) -> Piece:
    """Rows, or numbers; a row longer than a piece is read in pieces itself."""
    row = raw.strip(SPACES)
    if depth == 1 and len(row) > PIECE_BYTES and row.startswith(b"[") and row.endswith(b"]"):
        parts = list(_pieces(row[1:-1], check))
        if all(isinstance(part, np.ndarray) for part in parts):
            return np.concatenate(parts)[None]
        return [list(chain.from_iterable(part if isinstance(part, list) else part.tolist() for part in parts))]
    values = orjson.loads(b"[" + raw + b"]")
    if not values:
        raise ValueError("expected something between two commas")
    return _packed(values, booleans=_holds_booleans(raw))
