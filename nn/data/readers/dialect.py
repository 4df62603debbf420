"""How a text file holds its table: what separates fields, which lines are comments, whether it has a header."""

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from nn.data.notation import MISSING, Marks, written
from nn.data.parse_results import TARGET_NAMES
from nn.data.type_inference import MOSTLY
from nn.errors import DataError, FormatError

if TYPE_CHECKING:
    import _csv

DELIMITERS: Final = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
SAMPLE_LINES: Final = 100
SAMPLE_CHARACTERS: Final = 1 << 20
COMMENT: Final = "#"
YEARS: Final = range(1900, 2101)
"""Whole numbers that name a column where no such number stands below."""

_DIRECTIVE = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_COMMA_IN_NUMBER_OR_TEXT = re.compile(r"[^,]*(,(?=\s)[^,]*)+")
_NUMBERED = re.compile(r"column_\d+")
"""How the columns of a file without a header are called."""

_WITHOUT_NAME = re.compile(r"(Unnamed: \d+(\.\d+)*|__index_level_\d+__)")
"""How pandas calls a column that has no name, and an index that has none."""


PROBLEMS: Final = (
    ("unexpected end of data", "a quote that is never closed"),
    ("field larger than field limit", "a field of more than 131072 characters; is a quote left open before it?"),
    ("expected after", "text after a closing quote; a quote within a field is written twice"),
    ("new-line character", "a line end within a field that has no quotes"),
)
"""What Python's csv module says, and what it means."""

NO_TABLE: Final = "; nothing separates its lines into fields alike: is the file a table?"
"""What is added about a file that is not regular (`Dialect`)."""


@dataclass(frozen=True)
class Dialect:
    """How the file is written.

    skipped: lines before the table, a `sep=` line or comments. header: whether the first row names the columns. names:
    of the columns. counters: those without a name of their own. regular: most of the first lines have as many fields as
    there are columns, and more than one.
    """

    delimiter: str
    skipped: int
    comments: int
    header: bool
    names: tuple[str, ...]
    counters: frozenset[str]
    regular: bool


def find_dialect(lines: Iterable[str], header: bool | None, known: Collection[str], marks: Marks) -> Dialect:
    """The dialect of a file, from its first lines; `header` and the names of a model's columns where they are known.

    Raises:
        DataError: there are no rows, or the columns' names are not usable.

    """
    sample = list(_sample(lines))
    directive = _DIRECTIVE.fullmatch(sample[0].strip("\r\n")) if sample else None
    body = sample[1:] if directive else sample
    plain = [line for line in body if not line.startswith(COMMENT) and line.strip()]
    if not plain and not any(line.strip() for line in body):
        raise DataError("file: expected rows of values, got none")
    delimiter = directive[1] if directive else _delimiter(plain or body, marks)
    skipped, comments = _comments(body, plain, delimiter)
    rows = [row for row in islice(_rows(body[skipped:], delimiter), SAMPLE_LINES) if row]
    if not rows:
        try:
            next(csv_reader(body[skipped:], delimiter), None)
        except csv.Error as error:
            raise broken_row(error, skipped + 1, delimiter, regular=False) from None
        raise DataError("file: expected rows of values, got none")
    first = rows[0]
    if header is None:
        nameless = bool(known) and all(_NUMBERED.fullmatch(name) for name in known)
        header = any(cell.strip() in known for cell in first) or (not nameless and is_header(first, rows[1:], marks))
    if not header and known and len(known) == len(first):
        names = tuple(known)
    else:
        names = _names(first) if header else tuple(f"column_{place + 1}" for place in range(len(first)))
    counters = {
        name
        for name, cell in zip(names, first, strict=True)
        if header and (not cell.strip() or _WITHOUT_NAME.fullmatch(name))
    }
    alike = sum(len(row) == len(first) for row in rows)
    regular = len(first) > 1 and 2 * alike > len(rows)
    return Dialect(delimiter, skipped + bool(directive), comments, header, names, frozenset(counters), regular)


def csv_reader(lines: Iterable[str], delimiter: str, *, strict: bool = False) -> "_csv.Reader":
    """Reads fields; blanks after a delimiter belong to none, so that a quote may follow them."""
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter != "\t", strict=strict)


def broken_row(error: csv.Error, line: int, delimiter: str, *, regular: bool) -> FormatError:
    """What is wrong with a line; in a file whose lines are split into fields in many ways, maybe the file."""
    what = next((said for known, said in PROBLEMS if known in str(error)), str(error))
    separator = DELIMITERS.get(delimiter, repr(delimiter))
    maybe = "" if regular else NO_TABLE
    return FormatError(f"line {line}: expected fields separated by {separator}, got {what}{maybe}")


def _sample(lines: Iterable[str]) -> Iterator[str]:
    """The first lines: some hundred of them, or one where they are very long."""
    size = 0
    for line in islice(lines, SAMPLE_LINES + 1):
        yield line
        size += len(line)
        if size > SAMPLE_CHARACTERS:
            return


def _rows(lines: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    """Rows as far as they can be read."""
    reader = csv_reader(lines, delimiter)
    while True:
        try:
            yield next(reader)
        except (StopIteration, csv.Error):
            return


def _delimiter(lines: Sequence[str], marks: Marks) -> str:
    """What separates the fields. A comma that would stand within each number or before each blank separates none."""
    scores = {mark: _score(lines, mark) for mark in DELIMITERS}
    best = max(DELIMITERS, key=lambda mark: scores[mark])
    others = [mark for mark in DELIMITERS if mark != "," and scores[mark][0]]
    if best == "," and others:
        other = max(others, key=lambda mark: scores[mark])
        cells = [cell for row in _rows(lines, other) for cell in row if "," in cell]
        if cells and all(written(cell, marks) or _COMMA_IN_NUMBER_OR_TEXT.fullmatch(cell) for cell in cells):
            return other
    return best


def _score(lines: Sequence[str], delimiter: str) -> tuple[bool, float, int]:
    """How well it separates: whether all rows have equally many fields, which share has, and how many."""
    widths = [len(row) for row in _rows(lines, delimiter) if row]
    usual = max(set(widths), key=widths.count, default=1)
    if usual == 1:
        return False, 0.0, 1
    return len(set(widths)) == 1, widths.count(usual) / len(widths), usual


def _comments(body: Sequence[str], plain: Sequence[str], delimiter: str) -> tuple[int, int]:
    """(lines before the table, how many of them are comments): those that begin with # and have not its width."""
    widths = [len(row) for row in _rows(plain, delimiter) if row]
    usual = max(set(widths), key=widths.count, default=0)
    skipped = comments = 0
    for place, line in enumerate(body):
        if line.strip() and not line.startswith(COMMENT):
            break
        if line.strip():
            if usual == 0 or (usual > 1 and len(next(_rows([line], delimiter), [])) == usual):
                break
            comments += 1
        skipped = place + 1
    return skipped, comments


def is_header(first: Sequence[str], below: Sequence[Sequence[str]], marks: Marks) -> bool:
    """Whether the first row names the columns, by what stands below it.

    Each column votes: a word over numbers, or a number over words, is a name; a text that comes again below, or a
    number among the numbers below, is a value. In a tie it is a header when none of its cells is a number.
    """
    below = [row for row in below if len(row) == len(first)]
    columns = list(zip(*below, strict=True)) if below else [()] * len(first)
    in_order = _count_their_places(first, columns, marks)
    votes = sum(
        _vote(cell.strip(), [text for text in map(str.strip, cells) if text not in MISSING], marks, in_order=in_order)
        for cell, cells in zip(first, columns, strict=True)
    )
    if votes:
        return votes > 0
    named = [cell for cell in map(str.strip, first) if cell]
    return bool(named) and not any(cell in MISSING or written(cell, marks) for cell in named)


def _vote(first: str, below: Sequence[str], marks: Marks, *, in_order: bool) -> int:
    if first in MISSING or not below:
        return 0
    numbers = [number for text in below if (number := written(text, marks)) is not None]
    own = written(first, marks)
    if own is not None and len(numbers) == len(below):
        if in_order:
            return int(any("." in text or "," in text for text in below) or first not in below)
        values = [number.point if number.point is not None else number.comma or 0.0 for number in numbers]
        value = own.point if own.point is not None else own.comma or 0.0
        if value in YEARS and not any(YEARS.start <= each < YEARS.stop for each in values):
            return 1
        return -1 if min(values) <= value <= max(values) else 0
    if own is None and len(numbers) >= MOSTLY * len(below):
        return 4
    if own is not None:
        return 2 if not numbers else 0
    if first in below:
        return 0 if first.lower() in TARGET_NAMES else -3
    return 1 if len(set(below)) <= len(below) / 2 else 0


def _count_their_places(first: Sequence[str], columns: Sequence[Sequence[str]], marks: Marks) -> bool:
    """Whether the numbers in the first row count the columns, as pandas names those without a name: 0, 1, 2, ….

    From 1 they do over fractions alone: a row of 1, 2, 3 over other whole numbers is a row like them.
    """
    numbers = [place for place, cell in enumerate(first) if written(cell, marks) is not None]
    fractions = any("." in cell or "," in cell for place in numbers for cell in columns[place])
    several = len(numbers) >= (2 if fractions or len(numbers) < len(first) else 3)
    return several and any(
        all(first[place].strip() == str(place + start) for place in numbers)
        for start in ((0, 1) if fractions else (0,))
    )


def _names(first: Sequence[str]) -> tuple[str, ...]:
    names = [cell.strip() or f"column_{place + 1}" for place, cell in enumerate(first)]
    if names[0].startswith(COMMENT):
        names[0] = names[0].lstrip(COMMENT).strip() or "column_1"
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise DataError(
                f"row 1: expected each column's name once, got {name!r} twice; header=false says that it is data"
            )
        seen.add(name)
    return tuple(names)
