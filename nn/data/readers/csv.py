"""CSV: text, one row a line, fields separated by a comma, semicolon, tab or bar (RFC 4180, and its dialects).

The file is never held: it is read once to learn what each column is, numbers going to the matrix at once, and where
there are columns of names a second time, for their codes.
"""

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import BinaryIO, Final

from nn.data.parse_results import MAX_COLUMNS
from nn.data.readers.dialect import COMMENT, DELIMITERS, NO_TABLE, Dialect, broken_row, csv_reader, find_dialect
from nn.data.readers.options import ReadOptions
from nn.data.readers.reader import Reader
from nn.data.readers.text import BYTE_ORDER_MARKS, encoding_of, lines
from nn.data.table_scan import Block, TableSource
from nn.errors import DataError

ROWS_AT_ONCE: Final = 4096
CELLS_AT_ONCE: Final = 1 << 20


def source(files: Mapping[str, BinaryIO], options: ReadOptions) -> TableSource:
    """The table in a CSV file, not read yet: its dialect is found. FormatError, DataError."""
    text = _Text(files["file"], encoding_of(files["file"], options.encoding))
    text.dialect = dialect = find_dialect(text.lines(), options.header, options.known, options.marks)
    if len(dialect.names) > MAX_COLUMNS:
        raise DataError(f"row 1: expected at most {MAX_COLUMNS} columns, got {len(dialect.names)}")
    return TableSource(
        dialect.names,
        text.blocks,
        counters=dialect.counters,
        delimiter=dialect.delimiter,
        notes=lambda: _notes(text, options),
    )


class _Text:
    """A text file that is read from its beginning as often as needed."""

    dialect: Dialect

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self.file = file
        self.encoding = encoding
        self.comments = 0

    def lines(self) -> Iterator[str]:
        return lines(self.file, self.encoding)

    def blocks(self, places: Sequence[int], texts: Collection[str]) -> Iterator[Block]:
        """(number of the first row, columns of cells), some thousand rows at a time. Rows are counted from 1."""
        del texts  # all is text here
        rows, width, first = self._rows(), len(self.dialect.names), 1
        self.comments = self.dialect.comments
        if self.dialect.header:
            next(rows, None)
        whole = list(places) == [*range(width)]
        at_once = max(1, min(ROWS_AT_ONCE, CELLS_AT_ONCE // width))
        while block := list(islice(rows, at_once)):
            if any(len(row) != width for row in block):
                block = self._checked(block, first)
                if not block:
                    continue
            columns = list(zip(*block, strict=True))
            yield first, columns if whole else [columns[place] for place in places]
            first += len(block)

    def _rows(self) -> Iterator[list[str]]:
        """The fields of each row, lines without any left out."""
        skipped = self.dialect.skipped
        self._reader = csv_reader(islice(self.lines(), skipped, None), self.dialect.delimiter, strict=True)
        try:
            yield from filter(None, self._reader)
        except csv.Error as error:
            line, dialect = self._reader.line_num + skipped, self.dialect
            raise broken_row(error, line, dialect.delimiter, regular=dialect.regular) from None

    def _checked(self, block: Sequence[list[str]], first: int) -> list[list[str]]:
        """Rows without comments and blank lines among them; DataError for one that is of another width."""
        width = len(self.dialect.names)
        rows: list[list[str]] = []
        for row in block:
            if len(row) == width:
                rows.append(row)
            elif row[0].startswith(COMMENT):
                self.comments += 1
            elif len(row) > 1 or row[0].strip():
                number = first + len(rows)
                raise DataError(
                    f"row {number} (line {self._line_of(number)}): expected {width} field{'s' * (width > 1)} as in the "
                    f"first row, got {len(row)}{'' if self.dialect.regular else NO_TABLE}"
                )
        return rows

    def _line_of(self, number: int) -> int:
        """The line on which a row ends."""
        rows = self._rows()
        counted = -int(self.dialect.header)
        for row in rows:
            odd = len(row) != len(self.dialect.names)
            counted += not (odd and (row[0].startswith(COMMENT) or (len(row) == 1 and not row[0].strip())))
            if counted == number:
                break
        return self._reader.line_num + self.dialect.skipped


def _notes(text: _Text, options: ReadOptions) -> list[str]:
    dialect = text.dialect
    notes = [f"fields are separated by {DELIMITERS.get(dialect.delimiter, repr(dialect.delimiter))}"]
    if text.encoding == "utf-16" and options.encoding is None:
        notes.append("the text is in UTF-16, as its byte order mark says")
    if text.comments:
        notes.append(f"{text.comments} lines that begin with # are left out")
    if options.header is None:
        notes.append(
            "the first row names the columns"
            if dialect.header
            else "the first row is data, the columns are called column_1, …; header=true says that it names them"
        )
    return notes


CSV: Final = Reader("csv", tuple(mark for mark, _ in BYTE_ORDER_MARKS), (".csv", ".tsv", ".txt"), "CSV", source=source)
