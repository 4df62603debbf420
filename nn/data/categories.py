"""The codes of a categorical column, found by whatever a file, JSON or Python writes for its categories."""

from typing import Any, Final

import numpy as np

from nn.data.columns import Column
from nn.data.labels import category_of
from nn.data.notation import WHOLE, written

TRUTH: Final = {"false": 0, "true": 1}


class Categories:
    """The codes of one column."""

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
