"""Dates and times as text: 2013-10-10T21:00:00Z, 10.10.2013, 10/31/2013 9:05 PM. A moment is a number of seconds.

A zone is reckoned in, so that moments of several zones stand in their order; a moment without one is taken as it is.
"""

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from nn.data.columns import Column
from nn.data.notation import MISSING, PLACEHOLDERS, Numbers

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

EXAMPLE: Final = "2013-10-10 or 2013-10-10T21:00:00Z"

LONGEST: Final = 64
"""Characters of a moment; a longer text is none, and is not looked at."""

_YEAR_FIRST = r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d\d?)(?P=mark)(?P<day>\d\d?)"
_YEAR_LAST = r"(?P<first>\d\d?)(?P<mark>[-/.])(?P<second>\d\d?)(?P=mark)(?P<year>\d{4})"
_TIME = (
    r"(?:(?:[Tt]|\s+)(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<seconds>\d\d(?:[.,]\d+)?))?\s*(?P<half>[AaPp][Mm])?"
    r"\s*(?:(?P<utc>[Zz]|UTC|GMT)|(?P<sign>[+-])(?P<ahead_hours>\d\d):?(?P<ahead_minutes>\d\d)?)?)?"
)
_PATTERNS = [re.compile(day + _TIME, re.ASCII) for day in (_YEAR_FIRST, _YEAR_LAST)]


def seconds_of(text: str, *, day_first: bool | None = None) -> float | None:
    """Seconds from 1970-01-01T00:00Z to the moment that a trimmed text writes; None where it writes none.

    `day_first` says which of 1/2/2013 and 1-2-2013 is meant: 1 February, or 2 January; None: neither is a moment. With
    dots the day is always first.
    """
    match = _match(text)
    if match is None:
        return None
    part = match.groupdict()
    if "month" not in part:
        first = part["mark"] == "." or day_first
        if first is None:
            return None
        part["day"], part["month"] = (part["first"], part["second"]) if first else (part["second"], part["first"])
    hour = int(part["hour"] or 0)
    if part["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (part["half"].lower() == "pm")
    try:
        moment = datetime(
            int(part["year"]), int(part["month"]), int(part["day"]), hour, int(part["minute"] or 0), tzinfo=UTC
        )
    except ValueError:
        return None
    past = float((part["seconds"] or "0").replace(",", "."))
    ahead = 3600 * int(part["ahead_hours"] or 0) + 60 * int(part["ahead_minutes"] or 0)
    if past >= 61 or ahead > 86_400:
        return None
    return (moment - EPOCH).total_seconds() + past - (-ahead if part["sign"] == "-" else ahead)


def _match(text: str) -> re.Match[str] | None:
    if len(text) > LONGEST:
        return None
    return next((match for pattern in _PATTERNS if (match := pattern.fullmatch(text))), None)


def text_of(seconds: float) -> str:
    """The moment as ISO 8601 has it: the day alone at midnight, and what is less than a microsecond left away.

    Beyond the years 1 to 9999 no text is a moment; a number of seconds is said as such.
    """
    try:
        moment = (EPOCH + timedelta(seconds=round(float(seconds), 6))).replace(tzinfo=None)
    except (OverflowError, ValueError):
        return f"{seconds:g} s"
    return moment.isoformat(sep=" ") if seconds % 86_400 else moment.date().isoformat()


class DateScan:
    """Learns from the texts of a column whether all are moments, and which of 1/2/2013 is the day."""

    def __init__(self) -> None:
        self.placeholders: set[str] = set()
        self.dates = False
        """Whether a moment was seen."""
        self._ordered = False  # whether the order of day and month matters
        self._may_be = {True: True, False: True}  # day first → whether each text so far is a moment then

    def see(self, texts: Iterable[str]) -> bool:
        """Learn from different, trimmed texts; False once one is no moment, and nothing more is to be learned."""
        for text in texts:
            if text in MISSING:
                continue
            if text.lower() in PLACEHOLDERS:
                self.placeholders.add(text)
                continue
            self.dates = True
            if seconds_of(text) is None:
                self._ordered = True
                for day_first in self._may_be:
                    self._may_be[day_first] &= seconds_of(text, day_first=day_first) is not None
                if not any(self._may_be.values()):
                    return False
        return True

    @property
    def unclear(self) -> bool:
        """Whether no text tells which part is the day."""
        return self._ordered and all(self._may_be.values())

    @property
    def day_first(self) -> bool | None:
        """Whether the day comes first where the year comes last; None where that does not matter, or is unclear."""
        return self._may_be[True] if self._ordered and not self.unclear else None


class Moments:
    """The seconds of one column's texts, each text read once."""

    MOST: Final = 65_536
    """Texts that are remembered."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self._seconds: dict[str, float | None] = {}

    def of(self, text: str) -> float | None:
        """The moment of a trimmed text; None where it is none."""
        if text in self._seconds:
            return self._seconds[text]
        seconds = seconds_of(text, day_first=self.column.day_first)
        if len(self._seconds) < self.MOST:
            self._seconds[text] = seconds
        return seconds

    def of_all(self, texts: Iterable[str]) -> Numbers:
        """The moments of trimmed texts, NaN where there is none."""
        return np.array([math.nan if (seconds := self.of(text)) is None else seconds for text in texts])
