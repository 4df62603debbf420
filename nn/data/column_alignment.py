"""Rows from outside for the columns of a model: values mean what a file's cells would, columns go by their names.

What is read otherwise than it stands there is noted: a category that training never saw counts as missing, a column
that the model does not have is ignored.
"""

import datetime
import math
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from nn.data.categories import TRUTH, Categories
from nn.data.columns import LARGEST, Column, json_text, shown
from nn.data.dates import EXAMPLE, Moments
from nn.data.labels import is_missing
from nn.data.notation import MISSING, PLACEHOLDERS, written
from nn.data.notes import NOT_AN_INPUT, PLACEHOLDER, UNSEEN, Notes, note_ranges
from nn.errors import DataError, RowError

Unknown: TypeAlias = Literal["missing", "refuse"]
"""What becomes of a category that training never saw."""


def read_rows(
    rows: Sequence[Sequence[Any] | Mapping[str, Any]],
    columns: Sequence[Column],
    *,
    ignored: Collection[str] = (),
    unknown: Unknown = "refuse",
    notes: Notes | None = None,
) -> npt.NDArray[np.float64]:
    """Rows as they come from outside, lists in the columns' order or objects by their names: (n, columns).

    None, "" and NaN are missing, so is a name that an object leaves out, and so are `NA` and its like. Text is trimmed;
    "41" is 41 where numbers are wanted. Names in `ignored` may stand in an object, and are no inputs. `unknown` says
    what a category is that training never saw: missing and noted, or a RowError, which names row and column.
    """
    notes = Notes() if notes is None else notes
    readers = [_reader(column, unknown, notes) for column in columns]
    names = {column.name for column in columns}
    out = np.empty((len(rows), len(columns)))
    for index, row in enumerate(rows):
        if isinstance(row, Mapping):
            if alien := row.keys() - names:
                row = dict(row)
                for name in alien:
                    known = _known_as(name, names, ignored)
                    if known is None:
                        raise RowError(index, name, f"expected one of the columns {shown(sorted(names))}, got {name!r}")
                    if known in names:
                        row.setdefault(known, row[name])
                    else:
                        notes.add(name, None, NOT_AN_INPUT)
            values: Sequence[Any] = [row.get(column.name) for column in columns]
        else:
            values = row
            if isinstance(row, str) or not hasattr(row, "__len__") or len(row) != len(columns):
                came = len(row) if hasattr(row, "__len__") and not isinstance(row, str) else json_text(row)
                raise RowError(index, None, f"expected {_one_for_each(columns)}, got {came}")
        for place, (column, value) in enumerate(zip(columns, values, strict=True)):
            try:
                out[index, place] = readers[place].read(value)
            except DataError as error:
                at = place if values is row else column.name
                raise RowError(index, at, f"{column.name}: {error}") from None
    note_ranges(out, columns, notes)
    return out


def other_name(name: str) -> str:
    """How pandas calls a column that has no name, and how we do: `Unnamed: 0` is `column_1`. "" for another name."""
    for pattern, other, step in ((r"Unnamed: (\d+)", "column_{}", 1), (r"column_(\d+)", "Unnamed: {}", -1)):
        if match := re.fullmatch(pattern, name):
            return other.format(int(match[1]) + step)
    return ""


def _one_for_each(columns: Sequence[Column]) -> str:
    return f"{len(columns)} values, one for each column ({shown([column.name for column in columns])})"


def _known_as(name: str, names: Collection[str], ignored: Collection[str]) -> str | None:
    """The name under which a model knows, or ignores, a column of an object; None where it does not."""
    trimmed = name.strip()
    for spelling in (trimmed, other_name(trimmed)):
        if spelling in names or spelling in ignored:
            return spelling
    return trimmed if trimmed.startswith("Unnamed: ") else None


class _Numeric:
    """Reads values of a numeric column."""

    def __init__(self, column: Column, notes: Notes) -> None:
        self._column = column
        self._notes = notes

    def read(self, value: Any) -> float:
        """The number; NaN for a missing one. DataError."""
        if type(value) is not float and type(value) is not int:
            if is_missing(value):
                return math.nan
            if isinstance(value, str):
                return self._read_text(value.strip())
            if isinstance(value, bool | np.bool_):
                if not self._column.truth:
                    raise DataError(f"expected a number or null, got {json_text(bool(value))}")
                return float(value)
            if not isinstance(value, int | float | np.number):
                raise DataError(f"expected a number or null, got {json_text(value)}")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if abs(number) > LARGEST:
            raise DataError(f"expected a finite number of at most {LARGEST:.3g}, got {value!s:.20}")
        return number

    def _read_text(self, text: str) -> float:
        if text in MISSING:
            return math.nan
        if self._column.truth and text.lower() in TRUTH:
            return float(TRUTH[text.lower()])
        if text.lower() in PLACEHOLDERS:
            self._notes.add(self._column.name, text, PLACEHOLDER)
            return math.nan
        number = written(text)
        if number is None:
            raise DataError(f"expected a number or null, got {json_text(text)}")
        if number.unclear and "," in text:
            raise DataError(
                f"expected a number that can be read in one way, got {json_text(text)}: write {number.point:g} or "
                f"{number.comma:g}"
            )
        return self.read(number.comma if number.point is None else number.point)


class _Categorical:
    """Reads values of a categorical column."""

    def __init__(self, column: Column, unknown: Unknown, notes: Notes) -> None:
        self._column = column
        self._categories = Categories(column)
        self._unknown = unknown
        self._notes = notes

    def read(self, value: Any) -> float:
        """The code; NaN for a missing one. DataError."""
        if is_missing(value):
            return math.nan
        if isinstance(value, str):
            value = value.strip()
            code = self._categories.of_text(value)
            if code is None and value in MISSING:
                return math.nan
        elif isinstance(value, bool | int | float | np.number | np.bool_):
            code = self._categories.of(value)
        else:
            raise DataError(f"expected a category or null, got {json_text(value)}")
        if code is not None:
            return code
        if self._unknown == "refuse":
            raise DataError(f"expected {shown(self._column.categories)} or null, got {json_text(value)}")
        self._notes.add(self._column.name, value, UNSEEN)
        return math.nan


class _Date:
    """Reads values of a column of dates."""

    def __init__(self, column: Column, notes: Notes) -> None:
        self._moments = Moments(column)
        self._notes = notes

    def read(self, value: Any) -> float:
        """The moment in seconds; NaN for a missing one. DataError."""
        if is_missing(value):
            return math.nan
        if isinstance(value, str | datetime.date | np.datetime64):
            text = str(value).strip()
            seconds = self._moments.of(text)
            if seconds is not None:
                return seconds
            if text in MISSING:
                return math.nan
            if text.lower() in PLACEHOLDERS:
                self._notes.add(self._moments.column.name, text, PLACEHOLDER)
                return math.nan
        raise DataError(f"expected a date such as {EXAMPLE}, or null, got {json_text(value)}")


class _Reader(Protocol):
    def read(self, value: Any) -> float: ...


def _reader(column: Column, unknown: Unknown, notes: Notes) -> _Reader:
    if column.kind == "date":
        return _Date(column, notes)
    return _Numeric(column, notes) if column.kind == "numeric" else _Categorical(column, unknown, notes)
