"""Rows for a model's columns: what a value of JSON means, however the file that was learned had written it.

A new case is one row.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from nn.data import Column
from nn.data.column_alignment import Unknown, read_rows
from nn.data.notes import Notes
from nn.errors import RowError

INSIDE = ("True", "False", "None", "numpy", "np.", "<class")
"""What no message may show: JSON has other words."""


def names(*categories: str, name: str = "c") -> Column:
    return Column(name, "categorical", categories)


def numbers(low: float = 0, high: float = 100, *, whole: bool = False, name: str = "n") -> Column:
    return Column(name, low=low, high=high, whole=whole)


@dataclass(frozen=True)
class Ask:
    """Rows for some columns, and what they mean: numbers, the text of categories, None for what is missing.

    notes: (column, value, rows) of all that is noted. error: parts of the message where a row is refused.
    """

    id: str
    columns: Column | Sequence[Column]
    rows: Sequence[Any]
    values: Sequence[Any] = ()
    notes: Sequence[tuple[str, Any, int]] = ()
    error: Sequence[str] = ()
    unknown: Unknown = "missing"
    ignored: Sequence[str] = ()

    def __str__(self) -> str:
        return self.id


def one(id: str, column: Column, value: Any, meaning: Any, **more: Any) -> Ask:  # noqa: A002  # the row of a table begins with it
    """One value in one column."""
    return Ask(id, column, [{column.name: value}], [[meaning]], **more)


def unseen(id: str, column: Column, value: Any) -> tuple[Ask, Ask]:  # noqa: A002  # the row of a table begins with it
    """A category that training never saw: missing and noted, or refused."""
    noted = ((column.name, value, 1),)
    shown = f"'{value}'" if isinstance(value, str) else str(value).lower()
    return (
        one(f"{id}, missing", column, value, None, notes=noted),
        one(f"{id}, refused", column, value, None, unknown="refuse", error=(column.name, shown)),
    )


CITY, ZIP, FLAG, OLD_FLAG = (
    names("Oslo", "Paris"),
    names("00501", "02134"),
    names("false", "true"),
    names("False", "True"),
)
AGE, SWITCH = numbers(whole=True), numbers(0, 1, whole=True)
ANY = Column("n")

TEXTS_OF_NUMBERS = {
    "55": 55,
    " 55 ": 55,
    "5.5": 5.5,
    "-3": -3,
    "+7": 7,
    "1e3": 1000,
    "$5": 5,
    "5 %": 5,
    "(5)": -5,
    "1'234": 1234,
    "1 234": 1234,
    "55.0": 55,
    ".5": 0.5,
    "0,5": 0.5,
    "1.234,5": 1234.5,
    "1,234.5": 1234.5,
    "12,34": 12.34,
    "1.234": 1.234,
    "−5": -5,
    "1,234,567": 1234567,
    "007": 7,
}

MISSING = ("", " ", "NA", " NA ", "?", "null", "NaN", "nan", "N/A", "None", "<NA>", None, math.nan, np.float64("nan"))

CASES = (
    # Text is trimmed as files are
    *(one(f"trimmed: {text!r}", CITY, text, "Oslo") for text in ("Oslo", " Oslo", "Oslo ", "Oslo\u00a0", "\tOslo\n")),
    one("a category with a blank in it", names("New York", "WD"), " New York ", "New York"),
    *unseen("other case", CITY, "oslo"),
    # Numbers as text
    *(one(f"number: {text!r}", ANY, text, value) for text, value in TEXTS_OF_NUMBERS.items()),
    *(
        one(f"no number: {text!r}", ANY, text, None, error=("n", f"'{text}'"))
        for text in ("old", "1_000", "0x1F", "5 kg", "1.2.3", "١٢", "true", "2024-01-05", "inf")
    ),
    one("refused: groups that nobody can tell", ANY, "1,200", None, error=("'1,200'", "1200", "1.2")),
    *(
        one(f"refused: {value}", ANY, value, None, error=("n", "finite"))
        for value in (math.inf, -math.inf, 10**400, 1e39, "1e999")
    ),
    *(
        one(f"refused: {value!r} for a number", ANY, value, None, error=("n", "number"))
        for value in ([1], {"a": 1}, True, False)
    ),
    *(one(f"refused: {value!r} for a name", CITY, value, None, error=("c", "category")) for value in ([1], {"a": 1})),
    *(
        one(f"a number of NumPy: {value!r}", ANY, value, float(value))
        for value in (np.float32(1.5), np.int64(3), np.uint8(7))
    ),
    # Missing values
    *(one(f"missing number: {value!r}", ANY, value, None) for value in MISSING),
    *(one(f"missing name: {value!r}", CITY, value, None) for value in MISSING),
    one("a category that is called NA", names("EU", "NA"), "NA", "NA"),
    one("a category that is called ?", names("!", "?"), "?", "?"),
    one("a category that is called None", names("Brick", "None"), "None", "None"),
    *(
        one(f"placeholder: {text}", ANY, text, None, notes=(("n", text, 1),))
        for text in ("-", "unknown", "n.a.", "#DIV/0!", "—")
    ),
    one("a category that is called unknown", names("known", "unknown"), "unknown", "unknown"),
    # Truth values
    *(
        one(f"switch: {value!r}", SWITCH, value, meaning)
        for value, meaning in (
            (True, 1),
            (False, 0),
            ("True", 1),
            ("false", 0),
            ("TRUE", 1),
            (" true ", 1),
            (1, 1),
            (0.0, 0),
            ("1", 1),
            (np.True_, 1),
        )
    ),
    one("switch that was always on", numbers(1, 1, whole=True), True, 1),
    *(
        one(f"truth: {value!r}", FLAG, value, meaning)
        for value, meaning in (
            (True, "true"),
            (False, "false"),
            ("True", "true"),
            ("TRUE", "true"),
            ("true", "true"),
            (" False ", "false"),
            (1, "true"),
            (0, "false"),
            (1.0, "true"),
            ("1", "true"),
            ("0", "false"),
            ("0.0", "false"),
            (np.False_, "false"),
        )
    ),
    *(
        one(f"truth of an older model: {value!r}", OLD_FLAG, value, meaning)
        for value, meaning in (
            (True, "True"),
            ("true", "True"),
            ("FALSE", "False"),
            (0, "False"),
            ("1", "True"),
        )
    ),
    one("truth among others", names("false", "maybe", "true"), True, "true"),
    *unseen("two for a truth value", FLAG, 2),
    *unseen("yes for a truth value", FLAG, "yes"),
    # Categories by their text, else by their number
    *(
        one(f"{value!r} for {category}", names("x", category), value, category)
        for value, category in (
            (7, "7"),
            (7.0, "7"),
            (7, "7.0"),
            (1000, "1000.0"),
            (100000, "1e5"),
            (1e5, "100000"),
            ("1.0", "1"),
            ("1", "1.0"),
            ("+7", "7"),
            (0.5, "0.50"),
            (501, "00501"),
            (501.0, "00501"),
            ("00501", "00501"),
            (-1, "-01"),
            (9007199254740993, "9007199254740993"),
            ("9007199254740993", "9007199254740993"),
            ("1e5", "1e5"),
            (True, "True"),
            ("0.50", "0.5"),
            ("$5", "$5"),
        )
    ),
    one("the number without zeros goes first", names("00501", "501"), 501, "501"),
    one("the text with zeros", names("00501", "501"), "00501", "00501"),
    one("the text without zeros", names("00501", "501"), "501", "501"),
    one("neighbours beyond 2⁵³", names("9007199254740992", "9007199254740993"), 9007199254740993, "9007199254740993"),
    one(
        "neighbours beyond 2⁵³, as text",
        names("9007199254740992", "9007199254740993"),
        "9007199254740993",
        "9007199254740993",
    ),
    *unseen("a neighbour beyond 2⁵³", names("9007199254740992", "x"), 9007199254740993),
    *unseen("a neighbour beyond 2⁵³, as text", names("9007199254740992", "x"), "9007199254740993"),
    *unseen("text without zeros", ZIP, "501"),
    *unseen("text with more zeros", ZIP, "000501"),
    *unseen("text with zeros", names("501", "2134"), "00501"),
    *unseen("two categories of one number", names("1.00", "1.000"), 1),
    *unseen("a number among words", CITY, 7),
    *unseen("a truth value among words", CITY, True),
    *unseen("a truth value among numbers", names("0", "1", "2"), "yes"),
    one("a day with its midnight", names("2024-01-05", "2024-01-06"), "2024-01-05 00:00:00", "2024-01-05"),
    # Rows
    Ask(
        "lists",
        (AGE, CITY),
        [[20, "Oslo"], [None, " Paris"], ["40", None]],
        [[20, "Oslo"], [None, "Paris"], [40, None]],
    ),
    Ask(
        "objects in any order",
        (AGE, CITY),
        [{"c": "Oslo", "n": 20}, {"n": 40}, {}],
        [[20, "Oslo"], [40, None], [None, None]],
    ),
    Ask("names with blanks", (AGE, CITY), [{" n": 20, "c ": "Oslo"}], [[20, "Oslo"]]),
    Ask(
        "pandas' name of an index that was left out",
        (AGE,),
        [{"Unnamed: 0": 7, "n": 1}],
        [[1]],
        ignored=("column_1",),
        notes=(("Unnamed: 0", None, 1),),
    ),
    Ask("pandas' name of a column without one", (numbers(name="column_2"), AGE), [{"Unnamed: 1": 7, "n": 1}], [[7, 1]]),
    Ask(
        "unseen categories are counted",
        (AGE, CITY),
        [[1, "Rome"], [2, "Oslo"], [3, "Rome "], [4, "Bonn"]],
        [[1, None], [2, "Oslo"], [3, None], [4, None]],
        notes=(("c", "Rome", 2), ("c", "Bonn", 1)),
    ),
    Ask(
        "columns that were left out",
        (AGE,),
        [{"n": 1, "id": 7, "y": None}, {"n": 2, "id": 8}],
        [[1], [2]],
        ignored=("id", "y"),
        notes=(("id", None, 2), ("y", None, 1)),
    ),
    Ask(
        "refused: a column of nobody", (AGE,), [{"n": 1}, {"n": 1, "town": 7}], error=("'n'", "'town'"), ignored=("id",)
    ),
    Ask("refused: a row too short", (AGE, CITY), [[1, "Oslo"], [1]], error=("2 values", "1")),
    Ask("refused: text for a row", (AGE, CITY), ["ab"], error=("2 values", "'ab'")),
    Ask("refused: null for a row", (AGE, CITY), [None], error=("2 values", "null")),
    Ask("refused: true for a row", (AGE, CITY), [True], error=("2 values", "true")),
    # Beyond what training saw
    *(one(f"within reach: {value}", AGE, value, value) for value in (0, 100, 199, 200, -100)),
    *(one(f"far away: {value}", AGE, value, value, notes=(("n", value, 1),)) for value in (201, -101, 1e6)),
    one("far from a constant", numbers(5, 5), 6, 6, notes=(("n", 6, 1),)),
    one("a column of an older model", ANY, 1e6, 1e6),
    Ask("the furthest is shown", (AGE,), [[500], [900], [50]], [[500], [900], [50]], notes=(("n", 900, 2),)),
)


@pytest.mark.parametrize("ask", CASES, ids=str)
def test_a_row_means_what_a_cell_would_mean(ask: Ask) -> None:
    columns = (ask.columns,) if isinstance(ask.columns, Column) else tuple(ask.columns)
    notes = Notes()

    x, refusal = read(ask, columns, notes)

    assert not [part for part in INSIDE if part in refusal], refusal
    if ask.error:
        assert refusal, decoded(x, columns)
        assert not [part for part in ask.error if part not in refusal], refusal
        return
    assert not refusal
    assert decoded(x, columns) == [list(row) for row in ask.values]
    found = [(note["column"], note["value"], note["rows"]) for note in notes.listed()]
    assert sorted(found, key=repr) == sorted(ask.notes, key=repr)


def read(ask: Ask, columns: Sequence[Column], notes: Notes) -> tuple[np.ndarray, str]:
    """What the rows become, or why they are refused."""
    try:
        return read_rows(ask.rows, columns, ignored=ask.ignored, unknown=ask.unknown, notes=notes), ""
    except RowError as error:
        return np.empty((0, len(columns))), str(error)


def decoded(x: np.ndarray, columns: Sequence[Column]) -> list[list[float | str | None]]:
    """Codes as their categories, NaN as None."""
    return [
        [
            None if math.isnan(value) else column.categories[int(value)] if column.categories else value
            for value, column in zip(row, columns, strict=True)
        ]
        for row in x.tolist()
    ]


def test_each_case_has_a_name_of_its_own() -> None:
    assert len({ask.id for ask in CASES}) == len(CASES)


def test_an_error_says_which_row_and_column() -> None:
    rows: list[Mapping[str, Any]] = [{"n": 1, "c": "Oslo"}, {"n": 1, "c": "Rome"}]

    with pytest.raises(RowError) as caught:
        read_rows(rows, (AGE, CITY), unknown="refuse")

    assert (caught.value.row, caught.value.column) == (1, "c")
