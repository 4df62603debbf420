"""A table in a file for the columns of a model: found by their names, and read as the model has them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nn.data.categories import TRUTH, Categories
from nn.data.column_alignment import Unknown, other_name
from nn.data.columns import LARGEST, Column, shown
from nn.data.dates import EXAMPLE, Moments
from nn.data.decimal_marks import decide_marks
from nn.data.labels import category_of
from nn.data.notation import MISSING, PLACEHOLDERS, Marks
from nn.data.notes import NO_COLUMN, NOT_AN_INPUT, PLACEHOLDER, UNSEEN, Notes, note_ranges
from nn.data.table_scan import NO_NAME, TableSource
from nn.data.type_inference import Cells, ColumnScan, shortened
from nn.errors import DataError


@dataclass(frozen=True)
class AlignedRows:
    """Rows x: (n, columns) as the model takes them. `first` is the number of the first one in the file, from 1.

    `targets` are the texts of the target's column, "" where there is none.
    """

    first: int
    x: npt.NDArray[np.float64]
    targets: Sequence[str]


class TableAlignment:
    """Reads a table for the columns of a model."""

    def __init__(
        self,
        source: TableSource,
        columns: Sequence[Column],
        *,
        ignored: Collection[str],
        target: str | None,
        marks: Marks,
        unknown: Unknown,
        notes: Notes,
    ) -> None:
        """`ignored` are names that are no inputs and no mistakes. DataError where the columns are not there."""
        self._source = source
        self._columns = tuple(columns)
        self._unknown = unknown
        self._notes = notes
        self._marks = marks
        self._target = target if target in source.names else None
        self._places = {name: place for place, name in enumerate(source.names)}
        for column in columns:
            other = other_name(column.name)
            if column.name not in self._places and other in source.counters:
                self._places[column.name] = self._places.pop(other)
        self._of_columns: list[tuple[str, str]] = []
        self._check(ignored, self._target)
        self._found = [column for column in self._columns if column.name in self._places]
        self._texts = frozenset(column.name for column in self._found if column.kind != "numeric") | (
            {self._target} if self._target is not None else set()
        )
        self._categories = {column.name: Categories(column) for column in self._found if column.kind == "categorical"}
        self._moments = {column.name: Moments(column) for column in self._found if column.kind == "date"}
        self._scans: dict[str, ColumnScan] = {}

    def _check(self, ignored: Collection[str], target: str | None) -> None:
        names = [column.name for column in self._columns]
        lacking = [name for name in names if name not in self._places]
        others = [name for name in self._places if name not in names and name != target and name not in ignored]
        unreadable = [name for name in names if name in self._source.left_out]
        if unreadable:
            raise DataError(
                f"column {unreadable[0]!r}: expected numbers or text: {self._source.left_out[unreadable[0]]}"
            )
        if lacking and (others or len(lacking) == len(names)):
            raise DataError(
                f"columns: expected those of this model ({len(names)}); the file lacks {shown(lacking)}"
                + (f", and has {shown(others)}, which the model does not know" if others else "")
            )
        for name in lacking:
            self._of_columns.append((name, NO_COLUMN))
        for name in self._places:
            no_data = name in self._source.counters or self._source.left_out.get(name) in NO_NAME
            if name not in names and name != target and not no_data:
                self._of_columns.append((name, NOT_AN_INPUT))

    def rows(self) -> Iterator[AlignedRows]:
        """The rows of the file, some thousand at a time. DataError that names row and column."""
        self._decide_marks()
        wanted = [*self._found, *([Column(self._target)] if self._target is not None else [])]
        places = [self._places[column.name] for column in wanted]
        for first, cells in self._source.blocks(places, self._texts):
            by_name = dict(zip((column.name for column in wanted), cells, strict=True))
            count = len(cells[0])
            x = np.full((count, len(self._columns)), np.nan)
            for place, column in enumerate(self._columns):
                if column.name in by_name:
                    x[:, place] = self._values(column, by_name[column.name], first)
            note_ranges(x, self._columns, self._notes)
            for name, detail in self._of_columns:
                self._notes.add(name, None, detail, count)
            targets = by_name[self._target] if self._target is not None else [""] * count
            yield AlignedRows(first, x, [str(text).strip() for text in targets])

    def _decide_marks(self) -> None:
        """Learn from all rows how the numbers of the text in numeric columns are written."""
        numeric = [column for column in self._found if column.kind == "numeric"]
        if not numeric:
            return
        scans = [ColumnScan(column.name, kind="numbers", marks=self._marks) for column in numeric]
        places = [self._places[column.name] for column in numeric]
        for first, blocks in self._source.blocks(places, self._texts):
            for column, scan, cells in zip(numeric, scans, blocks, strict=True):
                scan.see(_truth_as_numbers(cells, column), first)
        decide_marks(scans, self._source.delimiter, self._marks)
        for scan in scans:
            if scan.odd_count and scan.only_placeholders:
                self._notes.add(scan.name, scan.first_odd, PLACEHOLDER, scan.odd_count)
        self._scans = {scan.name: scan for scan in scans}

    def _values(self, column: Column, cells: Cells, first: int) -> npt.NDArray[np.float64]:
        if column.kind == "categorical":
            return self._codes(column, cells, first)
        if column.kind == "date":
            return self._seconds(column, cells, first)
        values = self._scans[column.name].values_of(_truth_as_numbers(cells, column), first)
        far = np.abs(values) > LARGEST
        if far.any():
            row = int(far.argmax())
            raise DataError(
                f"row {first + row}, column {column.name!r}: expected a finite number of at most {LARGEST:.3g}, "
                f"got {values[row]:.3g}"
            )
        return values

    def _seconds(self, column: Column, cells: Cells, first: int) -> npt.NDArray[np.float64]:
        texts = [str(cell).strip() for cell in cells]
        seconds = self._moments[column.name].of_all(texts)
        for place in np.flatnonzero(np.isnan(seconds)):
            text = texts[place]
            if text.lower() in PLACEHOLDERS:
                self._notes.add(column.name, text, PLACEHOLDER)
            elif text not in MISSING:
                raise DataError(
                    f"row {first + place}, column {column.name!r}: expected a date such as {EXAMPLE}, or a missing "
                    f"value, got {shortened(text)}"
                )
        return seconds

    def _codes(self, column: Column, cells: Cells, first: int) -> npt.NDArray[np.float64]:
        texts = [cell.strip() if isinstance(cell, str) else category_of(cell) for cell in cells]
        categories = self._categories[column.name]
        codes: dict[str, float] = {}
        unseen: dict[str, int] = {}
        for text in dict.fromkeys(texts):
            code = categories.of_text(text)
            codes[text] = np.nan if code is None else code
            if code is None and text not in MISSING:
                unseen[text] = 0
        if unseen:
            for row, text in enumerate(texts):
                if text in unseen:
                    if self._unknown == "refuse":
                        raise DataError(
                            f"row {first + row}, column {column.name!r}: expected {shown(column.categories)} or a "
                            f"missing value, got {shortened(text)}"
                        )
                    unseen[text] += 1
            for text, rows in unseen.items():
                self._notes.add(column.name, text, UNSEEN, rows)
        return np.array([codes[text] for text in texts])


def _truth_as_numbers(cells: Cells, column: Column) -> Cells:
    """Cells of a 0/1 column as 0 and 1 where they are written as truth values."""
    if isinstance(cells, np.ndarray) or not column.truth:
        return cells
    return [str(TRUTH.get(cell.strip().lower(), cell)) for cell in cells]
