"""Dates: a moment as the parts of the calendar, as numbers and as places on a circle."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from nn.arrays import AnyArray
from nn.data.columns import Column
from nn.errors import FormatError
from nn.preprocessing.calendar import CYCLES, PARTS, calendar
from nn.preprocessing.encodings.base import Encoding

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
    def fit(cls, x: AnyArray, numbers: Callable[[AnyArray], Encoding]) -> "CalendarParts":
        """Measured on the training rows x: (n, columns) seconds; `numbers` measures the encoding of numbers."""
        parts = []
        for s in x.T:
            known = s[~np.isnan(s)]
            found, _ = calendar(known, np.floor)
            parts.append([part for part in PARTS if part == "age" or (len(known) and np.ptp(found[part]) > 0)])
        return cls(parts, numbers(_columns_of(x, parts)))

    def __call__(self, v: AnyArray) -> AnyArray:
        turns = [np.empty((len(v), 0))]
        for s, cycles in zip(v.T, self.cycles, strict=True):
            _, over = calendar(s, np.floor)
            turns += [turn(TURN * over[part])[:, None] for part in cycles for turn in (np.sin, np.cos)]
        circles = np.nan_to_num(np.concatenate(turns, axis=1), nan=0.0)
        numbers = self.numbers(_columns_of(v, self.parts))
        features: AnyArray = np.concatenate([numbers, circles], axis=1)[:, self.order]
        return features

    def config(self) -> dict[str, Any]:
        return {"kind": self.kind, "parts": [list(own) for own in self.parts], "numbers": self.numbers.config()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], columns: Sequence[Column]) -> "CalendarParts":
        from nn.preprocessing.encodings import encoding_from

        parts = [tuple(map(str, own)) for own in config["parts"]]
        if len(parts) != len(columns) or any(own != tuple(p for p in PARTS if p in own) or not own for own in parts):
            raise FormatError(
                f"preprocessing: expected some of {', '.join(PARTS)} for each of {len(columns)} columns of dates, "
                f"got {parts}"
            )
        numeric = [Column(f"{column.name} {part}") for column, own in zip(columns, parts, strict=True) for part in own]
        return cls(parts, encoding_from(config["numbers"], numeric))


def _columns_of(v: AnyArray, parts: Sequence[Sequence[str]]) -> AnyArray:
    """(n, Σ parts) of v: (n, columns) seconds, NaN for a missing moment."""
    columns = []
    for s, own in zip(v.T, parts, strict=True):
        found, _ = calendar(s, np.floor)
        columns += [found[part] for part in own]
    return np.stack(columns, axis=1)
