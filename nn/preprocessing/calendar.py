"""The calendar: what a number of seconds is as year, month, day, weekday and hour, in the proleptic Gregorian calendar.

The formulas use nothing but +, −, ·, / and floor, so that NumPy and a graph (`nn.formats.onnx`) compute the same.
Source: Hinnant, "chrono-Compatible Low-Level Date Algorithms" (days_from_civil and its inverse). A year begins in March
there, so that the leap day is its last, and 400 years, an era, have 146,097 days.
"""

from collections.abc import Callable
from typing import Any, Final

DAY: Final = 86_400.0
"""Seconds."""
YEAR: Final = 365.2425
"""Days, on average."""

PARTS: Final = ("age", "year", "month", "day", "weekday", "hour")
"""Years since 1970-01-01; 2013; 1 … 12; 1 … 31; 0, Monday, … 6; 0 … 23.99."""

CYCLES: Final = {"month": "year", "day": "month", "weekday": "week", "hour": "day"}
"""The parts that come again, and after what."""


def calendar(s: Any, floor: Callable[[Any], Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of s seconds from 1970-01-01T00:00Z: its `PARTS`, and how much of each of their `CYCLES` is over, 0 … 1.

    With z days from 0000-03-01, in an era the day e of 0 … 146,096, its year y of 0 … 399 and in that the day t:

        y = ⌊(e − ⌊e/1460⌋ + ⌊e/36524⌋ − ⌊e/146096⌋) / 365⌋
        t = e − (365 y + ⌊y/4⌋ − ⌊y/100⌋)
        m = ⌊(5 t + 2) / 153⌋                                the month, March is 0
    """
    days = floor(s / DAY)
    hour = (s - DAY * days) / 3600.0
    z = days + 719_468.0
    era = floor(z / 146_097.0)
    e = z - 146_097.0 * era
    y = floor((e - floor(e / 1460.0) + floor(e / 36_524.0) - floor(e / 146_096.0)) / 365.0)
    t = e - (365.0 * y + floor(y / 4.0) - floor(y / 100.0))
    m = floor((5.0 * t + 2.0) / 153.0)
    next_year = floor(m / 10.0)
    day = t - floor((153.0 * m + 2.0) / 5.0) + 1.0
    week = days + 3.0
    weekday = week - 7.0 * floor(week / 7.0)
    parts = {
        "age": s / (DAY * YEAR),
        "year": y + 400.0 * era + next_year,
        "month": m + 3.0 - 12.0 * next_year,
        "day": day,
        "weekday": weekday,
        "hour": hour,
    }
    over = {"month": t / YEAR, "day": (day - 1.0) / 31.0, "weekday": weekday / 7.0, "hour": hour / 24.0}
    return parts, over
