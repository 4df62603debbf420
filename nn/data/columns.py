"""Columns: what the numbers of a table mean.

A table is a matrix of float64 whatever its columns hold: a number stands for itself, a category for its place in the
column's list, and NaN for a missing value. So tables are as compact and as easily split as images are.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nn.arrays import AnyArray, Indices
from nn.errors import DataError, FormatError, RowError

MISSING = (None, "")
"""What stands for a missing value in rows from outside, beside NaN."""
SHOWN = 10
LARGEST = float(np.finfo(np.float32).max)
"""The largest number that does not overflow where networks compute."""


@dataclass(frozen=True)
class Column:
    """A column of a table. `categories` are its possible values, as text, in the order of their codes."""

    name: str
    kind: Literal["numeric", "categorical"] = "numeric"
    categories: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in ("numeric", "categorical") or (self.kind == "categorical") != bool(self.categories):
            raise DataError(f"column {self.name!r}: expected numeric, or categorical with its categories, "
                            f"got {self.kind} with {len(self.categories)}")  # fmt: skip
        if len(set(self.categories)) != len(self.categories):
            raise DataError(f"column {self.name!r}: expected each category once, got one twice")

    @property
    def features(self) -> int:
        """How many inputs of a network the column becomes."""
        return len(self.categories) or 1

    @property
    def codes(self) -> dict[str, int]:
        """The code of each category: its place."""
        return {category: code for code, category in enumerate(self.categories)}

    def config(self) -> dict[str, Any]:
        """JSON-able; `Column.from_config` takes it."""
        return {"name": self.name, "kind": self.kind} | (
            {"categories": list(self.categories)} if self.categories else {}
        )

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Column":
        """Rebuild from `config()`; FormatError."""
        try:
            return cls(str(config["name"]), config["kind"], tuple(map(str, config.get("categories", ()))))
        except (KeyError, TypeError, AttributeError, DataError) as error:
            raise FormatError(f"column: expected name, kind and categories, got {error!r}") from None


def read_rows(rows: Sequence[Sequence[Any] | Mapping[str, Any]], columns: Sequence[Column]) -> npt.NDArray[np.float64]:
    """Rows as they come from outside, lists in the columns' order or objects by their names: (n, columns) as above.

    None, "" and NaN are missing, and so is a name that an object leaves out. RowError names row and column, and a
    category that the column does not have is refused: who means "none of these" says null.
    """
    codes = [column.codes for column in columns]
    names = {column.name for column in columns}
    out = np.empty((len(rows), len(columns)))
    for index, row in enumerate(rows):
        if isinstance(row, Mapping):
            for name in row:
                if name not in names:
                    raise RowError(index, name, f"expected one of the columns {shown(sorted(names))}, got {name!r}")
            values: Sequence[Any] = [row.get(column.name) for column in columns]
        else:
            values = row
            if isinstance(row, str) or not hasattr(row, "__len__") or len(row) != len(columns):
                came = len(row) if hasattr(row, "__len__") and not isinstance(row, str) else repr(row)
                raise RowError(index, None, f"expected {len(columns)} values, got {came}")
        for place, (column, value) in enumerate(zip(columns, values, strict=True)):
            at = place if values is row else column.name
            out[index, place] = _read(value, column, codes[place], index, at)
    return out


def _read(value: Any, column: Column, codes: Mapping[str, int], row: int, at: int | str) -> float:
    """One value as a number, a code, or NaN."""
    if value in MISSING or (isinstance(value, float) and math.isnan(value)):
        return math.nan
    if column.kind == "categorical":
        code = next((codes[text] for text in _texts_of(value) if text in codes), None)
        if code is None:
            raise RowError(row, at, f"{column.name}: expected {shown(column.categories)} or null, got {value!r}")
        return code
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise RowError(row, at, f"{column.name}: expected a number or null, got {value!r}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if abs(number) > LARGEST:
        raise RowError(row, at, f"{column.name}: expected a finite number of at most {LARGEST:.3g}, got {value!s:.20}")
    return number


def category_of(value: Any) -> str:
    """The text under which a value is a category or a class: "7" for 7 and 7.0, "true" for True."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _texts_of(value: Any) -> tuple[str, ...]:
    """The texts under which a file may have written a category, the likeliest first: 7 may have been "7" or "7.0"."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return (category_of(value), str(value), *((str(float(value)),) if number else ()))


def encode_labels(values: Sequence[Any]) -> tuple[Indices, tuple[str, ...]]:
    """Label encoding: (y, classes), y: (n,) the place of each value in `classes`, which are sorted, numbers by size.

    DataError where a label is missing or all are the same.
    """
    labels = [category_of(value) for value in values]
    for row, (value, label) in enumerate(zip(values, labels, strict=True)):
        if value in MISSING or label == "nan":
            raise RowError(row, None, "expected a label, got a missing value")
    classes = sorted(set(labels))
    try:
        classes.sort(key=float)
    except ValueError:
        classes.sort()
    if len(classes) < 2:
        raise DataError(f"labels: expected two classes or more, got {', '.join(classes) or 'none'}")
    codes = {name: code for code, name in enumerate(classes)}
    return np.array([codes[label] for label in labels], np.intp), tuple(classes)


def check_codes(x: AnyArray, columns: Sequence[Column]) -> None:
    """RowError unless x: (n, columns) holds numbers, codes of its columns' categories, or NaN."""
    too_large = np.abs(x) > LARGEST
    if too_large.any():
        row, place = np.argwhere(too_large)[0]
        name, came = columns[place].name, x[row, place]
        raise RowError(
            int(row), int(place), f"{name}: expected a finite number of at most {LARGEST:.3g} or NaN, got {came:.3g}"
        )
    for place, column in enumerate(columns):
        if column.kind == "categorical":
            codes = x[:, place]
            wrong = ~np.isnan(codes) & ~np.isin(codes, np.arange(len(column.categories)))
            if wrong.any():
                row = int(wrong.argmax())
                raise RowError(row, place, f"{column.name}: expected a code from 0 to {len(column.categories) - 1} "
                                           f"or NaN, got {codes[row]:g}")  # fmt: skip


def shown(names: Sequence[str]) -> str:
    """Names for a message: some of them, and how many there are."""
    return ", ".join(map(repr, names[:SHOWN])) + (f" … ({len(names)} in all)" if len(names) > SHOWN else "")
