"""Rows from outside for the columns of a model: values mean what a file's cells would, columns go by their names.

What is read otherwise than it stands there is noted: a category that training never saw counts as missing, a column
that the model does not have is ignored.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from nn.data.columns import LARGEST, Column, shown
from nn.data.labels import category_of, is_missing
from nn.data.notation import MISSING, PLACEHOLDERS, WHOLE, written
from nn.errors import DataError, RowError

Unknown: TypeAlias = Literal["missing", "refuse"]
"""What becomes of a category that training never saw."""

MOST_NOTES: Final = 100
TRUTH: Final = {"false": 0, "true": 1}

UNSEEN: Final = "training never saw this value: read as missing"
PLACEHOLDER: Final = "no number: read as missing"
NOT_AN_INPUT: Final = "no input of this model: ignored"


class Notes:
    """What was read otherwise than it stands there: by column and value, in how many rows."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, Any, str], int] = {}

    def add(self, column: str, value: Any, detail: str, rows: int = 1) -> None:
        """Count some more rows."""
        key = (column, value, detail)
        if key in self._rows or len(self._rows) < MOST_NOTES:
            self._rows[key] = self._rows.get(key, 0) + rows

    def listed(self) -> list[dict[str, Any]]:
        """JSON-able: `column`, `value`, `rows`, `detail` of each."""
        return [
            {"column": column, "value": value, "rows": rows, "detail": detail}
            for (column, value, detail), rows in self._rows.items()
        ]


class Categories:
    """The codes of a categorical column, found by what a file, JSON or Python may write for them."""

    def __init__(self, column: Column) -> None:
        self.codes = column.codes
        self._truth = {name.lower(): code for name, code in self.codes.items() if name.lower() in TRUTH}
        self._days = {_day(name): code for name, code in self.codes.items() if _day(name) != name}
        self._by_value: dict[float, list[tuple[str, int]]] = {}
        for name, code in self.codes.items():
            number = written(name)
            if number is not None and number.point is not None and abs(number.point) < WHOLE:
                self._by_value.setdefault(number.point, []).append((name, code))

    def of_text(self, text: str) -> int | None:
        """The code of a trimmed text: its own, or that of the one category of the same number, `1` for `1.0`.

        A leading zero is part of a name: `501` is not `00501`.
        """
        code = self.codes.get(text)
        if code is None:
            code = self._truth.get(text.lower())
        if code is None:
            code = self._days.get(text, self.codes.get(_day(text)))
        number = written(text) if code is None else None
        if number is None or number.point is None or number.leading_zero:
            return code
        return self._of_value(number.point, zeros=False)

    def of(self, value: Any) -> int | None:
        """The code of a value that is no text: by its text, else by its number; None where there is none."""
        for text in _texts_of(value):
            code = self.codes.get(text, self._truth.get(text.lower()))
            if code is not None:
                return code
        number = isinstance(value, bool | int | float | np.number)
        return self._of_value(float(value), zeros=True) if number else None

    def _of_value(self, value: float, *, zeros: bool) -> int | None:
        if self._truth and len(self._truth) == len(self.codes) and value in (0.0, 1.0):
            return self._truth.get("true" if value else "false")
        if abs(value) >= WHOLE:  # its neighbours have the same float
            return None
        found = [code for name, code in self._by_value.get(value, ()) if zeros or not _leads_with_zero(name)]
        return found[0] if len(found) == 1 else None


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
                raise RowError(index, None, f"expected {len(columns)} values, got {came}")
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


def _reader(column: Column, unknown: Unknown, notes: Notes) -> _Numeric | _Categorical:
    return _Numeric(column, notes) if column.kind == "numeric" else _Categorical(column, unknown, notes)


def note_ranges(x: npt.NDArray[np.float64], columns: Sequence[Column], notes: Notes) -> None:
    """Note numbers of x: (n, columns) that lie beyond the training range by more than its own width."""
    for place, column in enumerate(columns):
        if column.low is None or column.high is None:
            continue
        values, width = x[:, place], column.high - column.low
        far = (values < column.low - width) | (values > column.high + width)
        if far.any():
            distance = np.where(far, np.abs(values - (column.low + column.high) / 2), -1.0)
            worst = float(values[int(distance.argmax())])
            within = f"{column.low:g} to {column.high:g}" if width else f"{column.low:g} alone"
            notes.add(column.name, worst, f"far from what training saw: {within}", int(far.sum()))


def json_text(value: Any) -> str:
    """A value as JSON has it, for a message."""
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, Mapping):
        return "an object"
    names = {None: "null", True: "true", False: "false"}
    if value is None or isinstance(value, bool):
        return names[value]
    return repr(value if not isinstance(value, str) or len(value) <= 40 else value[:40] + "…")


def _texts_of(value: Any) -> tuple[str, ...]:
    """The texts under which a file may have written a value, the likeliest first: 7 may have been "7" or "7.0"."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return (category_of(value), str(value), *((str(float(value)),) if number and abs(value) < 2**63 else ()))


def _day(text: str) -> str:
    """A moment at midnight as the day alone: programs write `2020-01-31` with or without its time."""
    day, blank, time = text.replace("T", " ").partition(" ")
    midnight = blank and day.count("-") == 2 and time.strip("0:.") == "" and time.startswith("00:00")
    return day if midnight else text


def _leads_with_zero(name: str) -> bool:
    number = written(name)
    return number is not None and number.leading_zero
