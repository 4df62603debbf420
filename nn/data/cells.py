"""Cells of text: which are numbers, which are categories, which are missing; and the columns that they make."""

import math
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from nn.data.columns import Column
from nn.data.parsed import MAX_CATEGORIES
from nn.errors import DataError

Numbers: TypeAlias = npt.NDArray[np.float64]

Cells: TypeAlias = Sequence[str] | Numbers
"""Some cells of a column: text, or numbers where the file says that they are, NaN for what is missing."""

MISSING: Final = frozenset(
    {"", "?", "NA", "N/A", "#N/A", "<NA>", "n/a", "na", "NaN", "nan", "NAN", "None", "NULL", "Null", "null"}
)
"""What stands for a missing value in text: what pandas takes for it, and the question mark of the UCI repository."""

MOSTLY: Final = 0.9
"""A column with so large a share of numbers is one of numbers, and the rest of it are mistakes."""


def numbers_of(cells: Sequence[str], *, decimal_comma: bool = False) -> Numbers | None:
    """Cells as float64, NaN for what is missing; None when one is neither."""
    if decimal_comma:
        cells = [cell.replace(",", ".") for cell in cells]
    try:
        values = list(map(float, cells))
    except ValueError:
        try:
            values = [math.nan if cell in MISSING else float(cell) for cell in map(str.strip, cells)]
        except ValueError:
            return None
    together = "".join(cells)
    if "_" in together or not together.isascii():  # Python would take 1_000 and ١٢ for numbers
        return None
    return np.array(values)


class ColumnSurvey:
    """What a column is, learned from its cells block by block; and then, if it holds names, the codes of the cells."""

    def __init__(self, name: str, *, forced: bool = False) -> None:
        """`forced`: it is one of categories, whatever its cells look like."""
        self.name = name
        self._forced = forced
        self._numbers = 0
        self._texts = 0
        self._odd = (0, "")
        self._distinct: set[str] | None = set()
        self._codes: dict[str, int] = {}

    def see(self, cells: Cells, first: int, *, decimal_comma: bool = False) -> Numbers | float:
        """Learn from cells: their numbers, or NaN where some are none. `first` is the number of the first one's row.

        DataError for infinity.
        """
        if isinstance(cells, np.ndarray):
            return self._count(cells, cells, first)
        if self._distinct is not None:
            self._distinct.update(map(str.strip, cells))
            if len(self._distinct) > MAX_CATEGORIES + len(MISSING):
                self._distinct = None
        values = None if self._forced else numbers_of(cells, decimal_comma=decimal_comma)
        if values is not None:
            return self._count(values, cells, first)
        for place, cell in enumerate(map(str.strip, cells)):
            if cell in MISSING:
                continue
            if not self._forced and numbers_of([cell], decimal_comma=decimal_comma) is not None:
                self._numbers += 1
                continue
            if not self._texts:
                self._odd = (first + place, cell)
            self._texts += 1
        return math.nan

    def decide(self, rows: int) -> str:
        """Make up what the column is, from all of its cells: "" when it can be used, else why not.

        DataError where almost all cells are numbers: the others are mistakes, and nobody wants numbers for names.
        """
        if not self._numbers and not self._texts:
            return "all of its values are missing"
        if not self._texts:
            return ""
        if self._numbers and self._numbers >= MOSTLY * (self._numbers + self._texts):
            row, cell = self._odd
            raise DataError(
                f"row {row}, column {self.name!r}: expected a number as in {self._numbers} other rows, "
                f"got {_shown(cell)}; correct it, or say categorical={self.name} if numbers are names here"
            )
        names = None if self._distinct is None else sorted(self._distinct - MISSING)
        if names is None or len(names) > MAX_CATEGORIES:
            return f"it is text with more than {MAX_CATEGORIES} different values"
        if rows >= 20 and len(names) > rows / 2:
            return f"it is text that hardly ever comes again: {len(names)} different values in {rows} rows"
        self._codes = {name: code for code, name in enumerate(names)}
        return ""

    def column(self) -> Column:
        """The column as it was decided."""
        return Column(self.name, "categorical", tuple(self._codes)) if self._codes else Column(self.name)

    @property
    def categorical(self) -> bool:
        """Whether it holds names."""
        return bool(self._codes)

    def codes_of(self, cells: Cells) -> Numbers:
        """The place of each cell in the column's categories, NaN for what is missing."""
        return np.array([self._codes.get(cell, math.nan) for cell in map(str.strip, cells)])

    def _count(self, values: Numbers, cells: Cells, first: int) -> Numbers:
        infinite = np.isinf(values)
        if infinite.any():
            place = int(infinite.argmax())
            raise DataError(
                f"row {first + place}, column {self.name!r}: expected a finite number of float64, "
                f"got {_shown(str(cells[place]).strip())}"
            )
        self._numbers += len(values) - int(np.count_nonzero(np.isnan(values)))
        return values


def _shown(cell: str) -> str:
    return repr(cell if len(cell) <= 40 else cell[:40] + "…")
