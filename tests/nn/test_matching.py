"""A table whose columns stand in another order, or whose categories have other codes, is the same table."""

import math

import numpy as np
import pytest

from nn.data import Column, read_rows
from nn.data.matching import Matching
from nn.errors import DataError, RowError

WANTED = (
    Column("age"),
    Column("city", "categorical", ("Oslo", "Paris", "Rome")),
    Column("zip", "categorical", ("7", "11")),
)
GIVEN = (Column("zip"), Column("city", "categorical", ("Rome", "Bern", "Oslo")), Column("age"))
ROWS = [
    {"age": 20, "city": "Rome", "zip": 11},
    {"age": None, "city": "Oslo", "zip": 7},
    {"age": 3.5, "city": None, "zip": None},
]


def test_rows_are_what_they_would_be_had_they_come_by_name() -> None:
    given = read_rows(ROWS, GIVEN)

    np.testing.assert_array_equal(Matching(GIVEN, WANTED).rows(given), read_rows(ROWS, WANTED))


@pytest.mark.parametrize("columns", [WANTED, (), (Column("a"), Column("b"))])
def test_the_same_columns_leave_the_rows_as_they_are(columns: tuple) -> None:
    x = np.ones((2, 3))

    assert Matching(columns, columns).rows(x) is x


def test_numbers_without_names_go_by_their_place() -> None:
    x = np.ones((2, 2))

    assert Matching((), (Column("a"), Column("b"))).rows(x) is x
    assert Matching((Column("a"), Column("b")), ()).rows(x) is x


def test_a_category_that_is_not_wanted_is_named_with_its_row() -> None:
    x = np.array([[7, math.nan, 1.0], [7, 2, 1.0], [7, 1, 1.0]])

    with pytest.raises(
        RowError, match=r"row 42: city: expected 'Oslo', 'Paris', 'Rome' or a missing value, got 'Bern'"
    ):
        Matching(GIVEN, WANTED).rows(x, 40)


@pytest.mark.parametrize(
    ("given", "wanted", "message"),
    [
        (WANTED[:2], WANTED, "got a table without 'zip'"),
        ((*WANTED, Column("id")), WANTED, "got a table with 'id'"),
        (WANTED, (WANTED[0], Column("city"), WANTED[2]), "expected numbers in 'city', got words: 'Oslo'"),
        (WANTED, (), "expected rows of plain numbers, got words in 'city', 'zip'"),
        ((), WANTED, "expected a table with words in 'city', 'zip', got rows of plain numbers"),
    ],
)
def test_other_columns_are_refused(given: tuple, wanted: tuple, message: str) -> None:
    with pytest.raises(DataError, match=message):
        Matching(given, wanted)
