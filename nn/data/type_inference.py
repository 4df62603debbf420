"""What a column of text is: numbers, dates or names, with which decimal mark, and which of its cells are neither."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from nn.data.columns import Column
from nn.data.dates import EXAMPLE, DateScan, Moments
from nn.data.notation import MARKS, MISSING, PLACEHOLDERS, Mark, Marks, Numbers, Plain, Written, plain, written
from nn.data.parse_results import MAX_CATEGORIES
from nn.errors import DataError

Cells: TypeAlias = Sequence[str] | Numbers
"""Some cells of a column: text, or numbers where the file says that they are, NaN for what is missing."""

MOSTLY: Final = 0.9
"""From this share of numbers on, a column is numeric, and its other cells are errors."""

HALF: Final = 0.5
"""From this share of numbers on, placeholders such as `-` are missing values of a numeric column."""

MOST_ODD: Final = 50
"""Different texts among numbers that are remembered."""

NOTHING: Final = "all of its values are missing"

TRUTH: Final = frozenset({"true", "false"})

_DATE = re.compile(r"(\d{4}[-/]\d\d?|\d{1,2}([-./])\d{1,2}\2\d{2,4})([T ]\d\d?:\d\d.*)?|\d\d?:\d\d(:\d\d(\.\d+)?)?")
"""What looks like a date or a time and is not read as one."""


@dataclass(frozen=True)
class Cell:
    """A cell and where it stands: its row, counted from 1."""

    row: int
    text: str

    def __str__(self) -> str:
        return f"{shortened(self.text)} in row {self.row}"


class ColumnScan:
    """Learns what a column is, block by block; then, decided, gives the value of each cell."""

    def __init__(self, name: str, *, kind: Literal["numbers", "text", "names"] | None = None, marks: Marks) -> None:
        """`kind`: what it holds, whatever its cells look like; text is names or dates. `marks`: what the sender said of
        its numbers.
        """
        self.name = name
        self.mark: Mark = marks.decimal or "."
        self.clear: dict[Mark, Cell] = {}
        self.unclear: dict[Mark, Cell] = {}
        self.ungrouped = [False, False]  # whether a whole number below 1000 came, and one from 1000 on
        self.notes: list[str] = []
        self.signs: dict[str, Cell] = {}
        self._kind = kind
        self._marks = marks
        self._numbers = 0
        self._texts = 0
        self._odd: Cell | None = None
        self._odd_texts: set[str] | None = set()
        self._contrary: list[Cell] = []
        self._leading_zero: Cell | None = None
        self._distinct: set[str] | None = set()
        self._codes: dict[str, int] = {}
        self._categories: tuple[str, ...] = ()
        self._dates = DateScan() if kind in (None, "text") else None
        self._moments: Moments | None = None
        self._read_again = False

    def see(self, cells: Cells, first: int) -> Numbers | float:
        """Learn from cells; `first` is the number of the first one's row. Gives their numbers by the decimal point, NaN
        for a cell that is no number. DataError for infinity.
        """
        if isinstance(cells, np.ndarray):
            return self._count(cells, cells, first)
        if self._distinct is not None:
            self._distinct.update(map(str.strip, cells))
            if len(self._distinct) > MAX_CATEGORIES + len(MISSING):
                self._distinct = None
        if self._kind in ("text", "names"):
            self._see_dates(cells)
            self._texts += len(cells) - sum(cell.strip() in MISSING for cell in cells)
            return math.nan
        block = plain(cells, self._marks, self.clear)
        if block is not None:
            return self._see_plain(cells, first, block)
        self._see_dates(cells)
        return self._see_each(cells, first)

    def _see_dates(self, cells: Sequence[str]) -> None:
        """Learn whether they are dates, as long as all have been."""
        if self._dates is not None and not self._dates.see(set(map(str.strip, cells))):
            self._dates = None

    def _see_plain(self, cells: Sequence[str], first: int, block: Plain) -> Numbers:
        for place, seen in ((block.clear, self.clear), (block.unclear, self.unclear)):
            if place is not None and block.mark not in seen:
                seen[block.mark] = Cell(first + place, cells[place].strip())
        self._read_again |= block.mark == ","
        if "." not in self.clear:  # else its numbers can be read in one way alone
            self._see_sizes(block.values)
        if block.leading_zero and self._leading_zero is None:
            place = next(place for place, cell in enumerate(cells) if _zero_leads(cell))
            self._leading_zero = Cell(first + place, cells[place].strip())
        return self._count(block.values, cells, first)

    def _see_sizes(self, values: Numbers) -> None:
        """Whether there are whole numbers without groups on each side of 1000."""
        whole = values[values == np.floor(values)]
        if len(whole):
            sizes = np.abs(whole)
            self.ungrouped[0] |= bool((sizes < 1000).any())
            self.ungrouped[1] |= bool((sizes >= 1000).any())

    def _see_each(self, cells: Sequence[str], first: int) -> Numbers:
        values = np.full(len(cells), math.nan)
        for place, cell in enumerate(map(str.strip, cells)):
            if cell in MISSING:
                continue
            number = written(cell, self._marks)
            if number is None:
                self._see_odd(Cell(first + place, cell))
                continue
            self._see_number(number, Cell(first + place, cell))
            value = number.by(self.mark)
            values[place] = math.nan if value is None else value
        return self._count(values, cells, first, counted=True)

    def _see_number(self, number: Written, cell: Cell) -> None:
        self._numbers += 1
        if number.clear is not None:
            self.clear.setdefault(number.clear, cell)
        elif number.unclear:
            self.unclear.setdefault("," if "," in cell.text else ".", cell)
        elif number.point is not None and cell.text.isdigit():
            self.ungrouped[len(cell.text) > 3] = True
        if "," in cell.text:
            self._read_again = True
        if number.signs:
            self.signs.setdefault(number.signs, cell)
        if number.leading_zero and self._leading_zero is None:
            self._leading_zero = cell

    def _see_odd(self, cell: Cell) -> None:
        self._texts += 1
        if self._odd is None:
            self._odd = cell
        if self._marks.decimal is not None and written(cell.text) is not None:
            self._contrary.append(cell)
        if self._odd_texts is not None:
            self._odd_texts.add(cell.text)
            if len(self._odd_texts) > MOST_ODD:
                self._odd_texts = None

    @property
    def numeric(self) -> bool:
        """Whether it is, all in all, one of numbers: cells that are none are errors, or placeholders."""
        if self._kind is not None:
            return self._kind == "numbers"
        if self._leading_zero is not None or not self._numbers:
            return False
        share = self._numbers / (self._numbers + self._texts)
        return share >= MOSTLY or (share >= HALF and self.only_placeholders)

    @property
    def contrary(self) -> Cell | None:
        """The first cell that is a number by the other decimal mark alone than was said, in a column of numbers."""
        numbers = self._numbers + len(self._contrary)
        mostly = self._kind is None and numbers >= MOSTLY * (self._numbers + self._texts)
        return self._contrary[0] if self._contrary and mostly else None

    @property
    def odd_count(self) -> int:
        """How many of its cells are neither numbers nor missing."""
        return self._texts

    @property
    def first_odd(self) -> str:
        """The first of these cells; "" where there is none."""
        return "" if self._odd is None else self._odd.text

    @property
    def only_placeholders(self) -> bool:
        """Whether all of these cells stand for a missing number."""
        return self._odd_texts is not None and {text.lower() for text in self._odd_texts} <= PLACEHOLDERS

    def decide(self, rows: int) -> str:
        """Make up what the column is, from all of its cells: "" when it can be used, else why not.

        DataError where almost all cells are numbers: the others are mistakes, and nobody wants numbers for names.
        """
        if not self._numbers and not self._texts:
            return NOTHING
        if self.numeric:
            self._decide_numeric()
            return ""
        if self._decide_dates():
            return ""
        if self._leading_zero is not None and self._kind is None:
            self.notes.append(
                f"column {self.name!r} is one of names: {self._leading_zero} begins with a zero, as no number does"
            )
        elif self._numbers and self._odd is not None:
            self.notes.append(
                f"column {self.name!r} is one of names, though {self._numbers} of its "
                f"{self._numbers + self._texts} values are numbers: the first that is none is {self._odd}; "
                f"correct it, or leave it empty, if numbers are meant"
            )
        return self._decide_names(rows)

    def _decide_numeric(self) -> None:
        if self._texts and not self.only_placeholders:
            assert self._odd is not None  # noqa: S101  # `_texts` counts them
            raise DataError(
                f"row {self._odd.row}, column {self.name!r}: expected a number as in {self._numbers} other rows, "
                f"got {shortened(self._odd.text)}; correct it, or say categorical={self.name} if numbers are names here"
                + ("; if the first row names the columns, say header=true" if self._odd.row == 1 else "")
            )
        if self._texts:
            marks = ", ".join(map(repr, sorted(self._odd_texts or ())))
            self.notes.append(f"column {self.name!r}: {marks} in {self._texts} rows is read as missing")

    def _decide_dates(self) -> bool:
        """Whether it is a column of dates."""
        dates = self._dates
        if dates is None or self._numbers or not dates.dates:
            return False
        if dates.unclear:
            self.notes.append(
                f"column {self.name!r} holds dates in which nothing tells the day from the month: write them as "
                f"{EXAMPLE}"
            )
            return False
        if dates.placeholders:
            marks = ", ".join(map(repr, sorted(dates.placeholders)))
            self.notes.append(f"column {self.name!r}: {marks} is read as missing")
        if dates.day_first is not None:
            order = "day, month, year" if dates.day_first else "month, day, year"
            self.notes.append(f"column {self.name!r} holds dates, read as {order}")
        self._moments = Moments(Column(self.name, "date", day_first=dates.day_first))
        return True

    def _decide_names(self, rows: int) -> str:
        names = None if self._distinct is None else sorted(self._distinct - MISSING)
        reason = ""
        if names is None or len(names) > MAX_CATEGORIES:
            reason = f"it is text with more than {MAX_CATEGORIES} different values"
        elif rows >= 20 and len(names) > rows / 2:
            reason = f"it is text that hardly ever comes again: {len(names)} different values in {rows} rows"
        if reason or names is None:
            return f"{reason} ({self.notes.pop()})" if self.notes else reason
        if {name.lower() for name in names} <= TRUTH:
            self._categories = tuple(sorted({name.lower() for name in names}))
            self._codes = {name: self._categories.index(name.lower()) for name in names}
            return ""
        self._categories = tuple(names)
        self._codes = {name: code for code, name in enumerate(names)}
        if all(_DATE.fullmatch(name) for name in names):
            self.notes.append(
                f"column {self.name!r} holds dates or times, read as {len(names)} names: another day is unknown to a "
                f"model (leave_out={self.name} leaves it out)"
            )
        return ""

    def column(self) -> Column:
        """The column as it was decided."""
        if self._moments is not None:
            return self._moments.column
        return Column(self.name, "categorical", self._categories) if self._categories else Column(self.name)

    @property
    def read_again(self) -> bool:
        """Whether its cells have to be read a second time, now that it is decided what they are."""
        return (
            bool(self._codes)
            or self._moments is not None
            or (self._marks.decimal is None and (self._read_again or self.mark == ","))
        )

    def values_of(self, cells: Cells, first: int) -> Numbers:
        """Cells as the decided column has them: codes of its categories, or numbers; NaN for what is missing."""
        if isinstance(cells, np.ndarray):
            return cells
        if self._codes:
            return np.array([self._codes.get(cell, math.nan) for cell in map(str.strip, cells)])
        if self._moments is not None:
            return self._moments.of_all(map(str.strip, cells))
        return numbers_of(self.name, cells, first, Marks(self.mark, self._marks.thousands))

    def _count(self, values: Numbers, cells: Cells, first: int, *, counted: bool = False) -> Numbers:
        infinite = np.isinf(values)
        if infinite.any():
            place = int(infinite.argmax())
            raise DataError(
                f"row {first + place}, column {self.name!r}: expected a finite number of float64, "
                f"got {shortened(str(cells[place]).strip())}"
            )
        if not counted:
            self._numbers += len(values) - int(np.count_nonzero(np.isnan(values)))
        return values


def numbers_of(name: str, cells: Sequence[str], first: int, marks: Marks) -> Numbers:
    """The numbers of a column's cells by a decimal mark that is known; NaN for missing values and placeholders.

    DataError for anything else.
    """
    assert marks.decimal is not None  # noqa: S101  # it is known
    block = plain(cells, marks, MARKS)
    if block is not None:
        return block.values
    values = np.full(len(cells), math.nan)
    for place, cell in enumerate(map(str.strip, cells)):
        if cell in MISSING or cell.lower() in PLACEHOLDERS:
            continue
        number = written(cell, marks)
        value = None if number is None else number.by(marks.decimal)
        if value is None:
            raise DataError(
                f"row {first + place}, column {name!r}: expected a number with a decimal "
                f"{'point' if marks.decimal == '.' else 'comma'}, got {shortened(cell)}"
            )
        values[place] = value
    return values


def _zero_leads(cell: str) -> bool:
    number = written(cell)
    return number is not None and number.leading_zero


def shortened(text: str) -> str:
    """A cell for a message."""
    return repr(text if len(text) <= 40 else text[:40] + "…")
