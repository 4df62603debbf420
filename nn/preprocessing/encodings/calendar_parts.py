"""Dates: a moment as the parts of the calendar, as numbers and as places on a circle."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from nn.arrays import AnyArray
from nn.data.columns import Column
from nn.errors import FormatError
from nn.preprocessing.calendar import CYCLES, PARTS, calendar
from nn.preprocessing.encodings.base import Encoding, Fit

TURN: Final = 2 * np.pi


class CalendarParts(Encoding):
    """A moment becomes numbers, each encoded as the numbers of the table are, and two features for each cycle.

    Of its `PARTS` (`nn.preprocessing.calendar`) those are used that are not the same in all training rows. With c, the
    part of a cycle that is over:

        X′ = N(age, year, month, day, weekday, hour),  sin 2πc,  cos 2πc

    where N is the numbers' encoding. On a circle December is beside January, and Sunday beside Monday; as numbers they
    are far apart, but a threshold between two months is one. A missing moment is in the middle of each circle.
    """

    kind = "calendar_parts"

    def __init__(self, parts: Sequence[Sequence[str]], numbers: Encoding) -> None:
        """`parts`: for each column the parts that are used, in the order of `PARTS`; `numbers` encodes all of them."""
        self.parts, self.numbers = [tuple(own) for own in parts], numbers
        self.cycles = [tuple(part for part in own if part in CYCLES) for own in self.parts]
        counts = [len(own) for own in self.parts]
        of_part = np.repeat(np.arange(len(counts)), counts)
        of_number = np.repeat(of_part, numbers.widths)
        of_cycle = np.repeat(np.arange(len(counts)), [2 * len(own) for own in self.cycles])
        of_feature = np.concatenate([of_number, of_cycle])
        self.order = np.argsort(of_feature, kind="stable")
        self.widths = np.bincount(of_feature, minlength=len(counts)).tolist()

    @classmethod
    def fit(cls, x: AnyArray, numbers: Fit) -> "CalendarParts":
        """Measured on the training rows x: (n, columns) seconds; `numbers` measures the encoding of numbers."""
        found = [calendar(s, np.floor)[0] for s in x.T]
        parts = [[part for part in PARTS if part == "age" or _differ(own[part])] for own in found]
        return cls(parts, numbers(_columns(found, parts, len(x))))

    def __call__(self, v: AnyArray) -> AnyArray:
        found, over = zip(*(calendar(s, np.floor) for s in v.T), strict=True)
        numbers = self.numbers(_columns(found, self.parts, len(v)))
        turns = TURN * _columns(over, self.cycles, len(v))
        circles = np.stack([np.sin(turns), np.cos(turns)], axis=2).reshape(len(v), -1)
        features: AnyArray = np.concatenate([numbers, np.nan_to_num(circles, nan=0.0)], axis=1)[:, self.order]
        return features

    def config(self) -> dict[str, Any]:
        return {"kind": self.kind, "parts": [list(own) for own in self.parts], "numbers": self.numbers.config()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], columns: Sequence[Column]) -> "CalendarParts":
        from nn.preprocessing.encodings import encoding_from  # its table has this class, which is not yet made above

        parts = [tuple(map(str, own)) for own in config["parts"]]
        if len(parts) != len(columns) or any(own != tuple(p for p in PARTS if p in own) or not own for own in parts):
            raise FormatError(
                f"preprocessing: expected some of {', '.join(PARTS)} for each of {len(columns)} columns of dates, "
                f"got {parts}"
            )
        numeric = [Column(f"{column.name} {part}") for column, own in zip(columns, parts, strict=True) for part in own]
        return cls(parts, encoding_from(config["numbers"], numeric))


def _differ(values: AnyArray) -> bool:
    """Whether those that are known are not all the same."""
    known = values[~np.isnan(values)]
    return bool(len(known)) and bool(np.ptp(known) > 0)


def _columns(of: Sequence[Mapping[str, AnyArray]], parts: Sequence[Sequence[str]], rows: int) -> AnyArray:
    """(rows, Σ parts) of what the calendar says of each column: its parts, NaN for a missing moment."""
    chosen = [said[part] for said, own in zip(of, parts, strict=True) for part in own]
    return np.array(chosen).reshape(len(chosen), rows).T
