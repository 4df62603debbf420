"""Columns: what the numbers of a table mean.

A table is a matrix of float64 whatever its columns hold: a number stands for itself, a category for its place in the
column's list, a moment for its seconds from 1970-01-01T00:00Z, and NaN for a missing value. So tables are as compact
and as easily split as images are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from nn.arrays import AnyArray
from nn.errors import DataError, FormatError, RowError

SHOWN = 10
LARGEST = float(np.finfo(np.float32).max)
"""The largest number that does not overflow where networks compute."""

ColumnKind: TypeAlias = Literal["numeric", "categorical", "date"]


@dataclass(frozen=True)
class Column:
    """A column of a table. `categories` are its possible values, as text, in the order of their codes.

    Of a column of numbers or dates that was trained on, `low` and `high` are its least and largest training value, and
    `whole` says that all were whole numbers. `day_first` says how dates such as 1/2/2013 are read in it; None: not at
    all.
    """

    name: str
    kind: ColumnKind = "numeric"
    categories: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    whole: bool = False
    day_first: bool | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(ColumnKind) or (self.kind == "categorical") != bool(self.categories):
            raise DataError(
                f"column {self.name!r}: expected numeric, date, or categorical with its categories, "
                f"got {self.kind} with {len(self.categories)}"
            )
        if len(set(self.categories)) != len(self.categories):
            raise DataError(f"column {self.name!r}: expected each category once, got one twice")

    @property
    def truth(self) -> bool:
        """Whether it is a truth value written as 0 and 1."""
        return (
            self.kind == "numeric"
            and self.whole
            and self.low is not None
            and self.high is not None
            and {self.low, self.high} <= {0.0, 1.0}
        )

    def measured(self, values: AnyArray) -> "Column":
        """The column with the range of its training values: (n,) numbers, NaN for what is missing."""
        known = values[~np.isnan(values)]
        if self.kind == "categorical" or not len(known):
            return self
        whole = bool((known == np.floor(known)).all())
        return replace(self, low=float(known.min()), high=float(known.max()), whole=whole)

    @property
    def codes(self) -> dict[str, int]:
        """The code of each category: its place."""
        return {category: code for code, category in enumerate(self.categories)}

    def config(self) -> dict[str, Any]:
        """JSON-able; `Column.from_config` takes it."""
        config: dict[str, Any] = {"name": self.name, "kind": self.kind}
        if self.categories:
            config["categories"] = list(self.categories)
        if self.low is not None:
            config |= {"low": self.low, "high": self.high, "whole": self.whole}
        if self.day_first is not None:
            config["day_first"] = self.day_first
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Column":
        """Rebuild from `config()`; FormatError."""
        try:
            low, high = (None if config.get(key) is None else float(config[key]) for key in ("low", "high"))
            return cls(
                str(config["name"]),
                config["kind"],
                tuple(map(str, config.get("categories", ()))),
                low,
                high,
                bool(config.get("whole", False)),
                None if config.get("day_first") is None else bool(config["day_first"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError, DataError) as error:
            raise FormatError(f"column: expected name, kind and categories, got {error!r}") from None


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
                raise RowError(
                    row,
                    place,
                    f"{column.name}: expected a code from 0 to {len(column.categories) - 1} or NaN, got {codes[row]:g}",
                )


def shown(names: Sequence[str]) -> str:
    """Names for a message: some of them, and how many there are."""
    return ", ".join(map(repr, names[:SHOWN])) + (f" … ({len(names)} in all)" if len(names) > SHOWN else "")


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
