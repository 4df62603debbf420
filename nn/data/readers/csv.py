"""CSV: text in UTF-8, one row a line, fields separated by a comma, semicolon, tab or bar (RFC 4180, and its dialects).

The file is never held: it is read once to learn what each column is, numbers going to the matrix at once, and where
there are columns of names a second time, for their codes.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import BinaryIO, Final

import numpy as np

from nn.data.cells import numbers_of
from nn.data.parsed import MAX_COLUMNS, ParsedTable
from nn.data.readers.options import ReadOptions
from nn.data.survey import Block, read_table
from nn.errors import DataError, FormatError

DELIMITERS: Final = ",;\t|"
SAMPLE_BYTES: Final = 1 << 16
MAX_LINE: Final = 1 << 24
ROWS_AT_ONCE: Final = 4096
BOM: Final = b"\xef\xbb\xbf"
DECIMAL_COMMA: Final = re.compile(r"\s*[+-]?\d+,\d+([eE][+-]?\d+)?\s*")


@dataclass(frozen=True)
class Dialect:
    """How the file is written. `decimal_comma`: 1,5 is a number; `header`: the first row names the columns.

    `index`: the first column has no name among those that have, as the row numbers that pandas writes.
    """

    delimiter: str
    decimal_comma: bool
    header: bool
    names: tuple[str, ...]
    index: bool


def read(files: Mapping[str, BinaryIO], options: ReadOptions) -> ParsedTable:
    """The table in a CSV file; FormatError or DataError that names row and column."""
    file = files["file"]
    dialect = _dialect(file, options.header)
    table = read_table(
        dialect.names,
        lambda: _blocks(file, dialect),
        categorical=options.categorical,
        decimal_comma=dialect.decimal_comma,
        notes=_notes(dialect, options),
    )
    return _without_index(table) if dialect.index else table


def _without_index(table: ParsedTable) -> ParsedTable:
    """The table without a first column that counts the rows: it would tell the order of the file, and nothing else."""
    counts, (first, *others) = table.values[:, 0], table.columns
    if not others or first.kind != "numeric" or not np.array_equal(counts, counts[:1] + np.arange(len(counts))):
        return table
    ignored = {first.name: "it has no name and counts the rows"} | dict(table.ignored)
    return replace(table, columns=tuple(others), values=table.values[:, 1:], ignored=ignored)


def _dialect(file: BinaryIO, header: bool | None) -> Dialect:
    """What the first lines tell."""
    file.seek(0)
    start = file.read(SAMPLE_BYTES)
    lines = start.removeprefix(BOM).decode("utf-8", errors="replace").splitlines(keepends=True)
    whole = lines[:-1] if len(start) == SAMPLE_BYTES and len(lines) > 1 else lines
    delimiter = max(DELIMITERS, key=lambda mark: _fits(whole, mark))
    sample = list(islice(csv.reader(whole, delimiter=delimiter), 100))
    decimal_comma = delimiter != "," and any(DECIMAL_COMMA.fullmatch(cell) for row in sample[1:] for cell in row)
    first = next(_rows(file, delimiter), (0, []))[1]
    if not first:
        raise DataError("file: expected rows of values, got none")
    if len(first) > MAX_COLUMNS:
        raise DataError(f"row 1: expected at most {MAX_COLUMNS} columns, got {len(first)}")
    if header is None:
        named = [cell for cell in first if cell.strip()]
        header = bool(named) and all(numbers_of([cell], decimal_comma=decimal_comma) is None for cell in named)
    names = _names(first) if header else tuple(f"column_{place + 1}" for place in range(len(first)))
    return Dialect(delimiter, decimal_comma, header, names, index=header and not first[0].strip())


def _fits(lines: Sequence[str], delimiter: str) -> tuple[bool, int]:
    """How well lines are split by a delimiter: all into equally many fields, and into how many."""
    try:
        widths = [len(row) for row in islice(csv.reader(lines, delimiter=delimiter), 50) if row]
    except csv.Error:
        return False, 0
    if not widths or max(widths) == 1:
        return False, 1
    return len(set(widths)) == 1, widths[0]


def _names(first: Sequence[str]) -> tuple[str, ...]:
    names = tuple(cell.strip() or f"column_{place + 1}" for place, cell in enumerate(first))
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise DataError(f"row 1: expected each column's name once, got {name!r} twice")
        seen.add(name)
    return names


def _lines(file: BinaryIO) -> Iterator[str]:
    """The lines as text, from the file's beginning."""
    file.seek(0)
    number = 0
    while line := file.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise FormatError(f"line {number}: expected at most {MAX_LINE} bytes, got more")
        try:
            yield (line.removeprefix(BOM) if number == 1 else line).decode("utf-8")
        except UnicodeDecodeError as error:
            raise FormatError(f"line {number}: expected text in UTF-8, got {error.reason}; save it as UTF-8") from None


def _rows(file: BinaryIO, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, fields) of each row, blank lines left out."""
    reader = csv.reader(_lines(file), delimiter=delimiter, strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FormatError(
                f"line {reader.line_num}: expected fields separated by {delimiter!r}, got {error}"
            ) from None
        if row:
            yield reader.line_num, row


def _blocks(file: BinaryIO, dialect: Dialect) -> Iterator[Block]:
    """(number of the first row, columns of cells), some thousand rows at a time. Rows are counted from 1."""
    rows, width, first = _rows(file, dialect.delimiter), len(dialect.names), 1
    if dialect.header:
        next(rows, None)
    at_once = max(1, min(ROWS_AT_ONCE, (1 << 20) // width))
    while block := list(islice(rows, at_once)):
        for place, (line, row) in enumerate(block):
            if len(row) != width:
                raise DataError(
                    f"row {first + place} (line {line}): expected {width} fields as in the first row, got {len(row)}"
                )
        yield first, list(zip(*(row for _, row in block), strict=True))
        first += len(block)


def _notes(dialect: Dialect, options: ReadOptions) -> tuple[str, ...]:
    shown = {"\t": "a tab", ",": "a comma", ";": "a semicolon", "|": "a bar"}[dialect.delimiter]
    notes = [f"fields are separated by {shown}" + (", decimals by a comma" if dialect.decimal_comma else "")]
    if options.header is None:
        notes.append("the first row names the columns" if dialect.header else "the first row is data: no names in it")
    return tuple(notes)
