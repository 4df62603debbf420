"""Dates and times, which are moments; and what looks like one and is a name."""

from tests.worker.readings.case import Case

NOTATIONS = {
    "ISO": ("2024-01-05", "2024-01-06", "2024-01-05", "2024-01-06"),
    "slashes": ("2024/1/5", "2024/01/16", "2024-01-05", "2024-01-16"),
    "German": ("05.01.2024", "6.1.2024", "2024-01-05", "2024-01-06"),
    "German with a time": ("05.01.2024 8:30", "06.01.2024 17:45:10", "2024-01-05 08:30:00", "2024-01-06 17:45:10"),
    "ISO with a time": ("2024-01-05T08:30:00", "2024-01-06T08:30", "2024-01-05 08:30:00", "2024-01-06 08:30:00"),
    "a time behind a blank": ("2024-01-05 08:30", "2024-01-06 00:00", "2024-01-05 08:30:00", "2024-01-06"),
    "zones": ("2024-01-05T08:30:00Z", "2024-01-06T00:30:00+01:00", "2024-01-05 08:30:00", "2024-01-05 23:30:00"),
    "zones without a colon": ("2013-10-10T21:00:00-0500", "2013-10-10T21:00:00-05", "2013-10-11 02:00:00", "2013-10-11 02:00:00"),
    "parts of a second": ("2024-01-05 08:30:00.25", "2024-01-05 08:30:01,5", "2024-01-05 08:30:00.250000", "2024-01-05 08:30:01.500000"),
    "leap day": ("2024-02-29", "2000-02-29", "2024-02-29", "2000-02-29"),
    "long ago": ("1066-10-14", "0001-01-01", "1066-10-14", "0001-01-01"),
}

ORDERS = {
    "month first": ("1/5/2024", "1/16/2024", "2024-01-05", "2024-01-16", "month, day, year"),
    "day first": ("5/1/2024", "16/1/2024", "2024-01-05", "2024-01-16", "day, month, year"),
    "day first, dashes": ("5-1-2024", "16-1-2024", "2024-01-05", "2024-01-16", "day, month, year"),
    "morning and afternoon": ("1/5/2024 12:05 AM", "1/16/2024 12:05:00 PM", "2024-01-05 00:05:00", "2024-01-16 12:05:00", "month, day, year"),
}

NAMES = {
    "time": ("08:30", "17:45"), "month of a year": ("2024-01", "2024-02"), "year of two digits": ("05.01.24", "06.01.24"),
    "no such day": ("2023-02-29", "2023-02-28"), "no such hour": ("2023-02-20 24:00", "2023-02-28 23:00"), "hour 13 PM": ("2024-01-05 13:00 PM", "2024-01-05 1:00 PM"),
}


def file(*cells: str) -> str:
    """A table of these cells, a number and a class."""
    return "d,x,y\n" + "".join(f'"{cell}",{row},{"ab"[row % 2]}\n' for row, cell in enumerate(cells))


def columns(*cells: str | None) -> dict[str, list[float | str | None]]:
    """What `file` means."""
    return {"d": list(cells), "x": list(range(len(cells))), "y": ["ab"[row % 2] for row in range(len(cells))]}


CASES = (
    *(
        Case(f"dates: {name}", file(first, then, "", first), columns=columns(first_means, then_means, None, first_means), silent=("'d'",))
        for name, (first, then, first_means, then_means) in NOTATIONS.items()
    ),
    *(
        Case(f"dates: {name}", file(first, then, first), columns=columns(first_means, then_means, first_means), notes=("'d'", order))
        for name, (first, then, first_means, then_means, order) in ORDERS.items()
    ),
    *(
        Case(f"no dates: {name}", file(first, then, first), columns=columns(first, then, first))
        for name, (first, then) in NAMES.items()
    ),
    Case("dates: each of them once", file(*(f"2024-01-{day:02}" for day in range(1, 31))), columns=columns(*(f"2024-01-{day:02}" for day in range(1, 31)))),
    Case("dates: more than there may be names", file(*(f"{year}-{month:02}-01" for year in range(1000, 2000) for month in range(1, 13))),
         columns=columns(*(f"{year}-{month:02}-01" for year in range(1000, 2000) for month in range(1, 13)))),
    Case("dates: which is the day?", file("1/5/2024", "3/4/2024", "1/5/2024"), columns=columns("1/5/2024", "3/4/2024", "1/5/2024"), notes=("'d'", "the day from the month", "2013-10-10")),
    Case("dates: both orders", file("1/25/2024", "25/1/2024", "1/25/2024"), columns=columns("1/25/2024", "25/1/2024", "1/25/2024")),
    Case("dates: the order comes late", file(*["1/5/2024"] * 100, "1/16/2024"), columns=columns(*["2024-01-05"] * 100, "2024-01-16"), notes=("month, day, year",)),
    Case("dates: one word among them", file("2024-01-05", "soon", "2024-01-05", "soon"), columns=columns("2024-01-05", "soon", "2024-01-05", "soon")),
    Case("dates: a number among them", file("2024-01-05", "7", "2024-01-05", "7"), columns=columns("2024-01-05", "7", "2024-01-05", "7"), notes=("'d'", "are numbers")),
    Case("dates: placeholders", file("2024-01-05", "-", "2024-01-06"), columns=columns("2024-01-05", None, "2024-01-06"), notes=("'-'", "missing")),
    Case("dates: said to be names", file("2024-01-05", "2024-01-06", "2024-01-05"), {"categorical": "d"}, columns("2024-01-05", "2024-01-06", "2024-01-05")),
    Case("dates: to be learned", file("2024-01-05", "2024-01-06", "2024-01-05", "2024-01-06"), {"target": "d"}, error=("target", "'d'", "dates", "categorical=d")),
    Case("dates: to be learned as classes", file("2024-01-05", "2024-01-06", "2024-01-05", "2024-01-06"), {"target": "d", "categorical": "d"}, classes=("2024-01-05", "2024-01-06")),
)
