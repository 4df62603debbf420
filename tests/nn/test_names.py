"""No name that a data set brings may be longer than a name."""

import io
import re

import numpy as np
import pytest

from nn.data import Column
from nn.data.names import MAX_BYTES, MAX_CHARACTERS
from nn.data.parse_results import ParsedArrays, ParsedTable
from nn.data.prepare import Choices, prepare
from nn.data.readers import READERS
from nn.data.readers.options import ReadOptions
from nn.errors import DataError

LONGEST, TOO_LONG = "n" * MAX_CHARACTERS, "n" * (MAX_CHARACTERS + 1)


def read(name: str, category: str, label: str) -> ParsedTable:
    text = f"{name},kind,class\n" + "1,a,yes\n2,b,no\n" * 4 + f"3,{category},{label}\n" * 2
    table = READERS["csv"]({"file": io.BytesIO(text.encode())}, ReadOptions())
    assert isinstance(table, ParsedTable)
    return table


def test_the_longest_names_are_taken() -> None:
    dataset = prepare(read(LONGEST, LONGEST, LONGEST), Choices("d")).dataset

    assert dataset.columns[0].name == dataset.columns[1].categories[2] == dataset.classes[0] == LONGEST


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((TOO_LONG, "c", "yes"), "column 1: expected a name of at most 256 characters, got 257: 'nnn"),
        (("n", TOO_LONG, "yes"), "row 9, column 'kind': expected a category of at most 256 characters, got 257: 'nnn"),
        (("n", "c", TOO_LONG), "row 9, column 'class': expected a category of at most 256 characters, got 257: 'nnn"),
    ],
)
def test_one_that_is_longer_is_refused_where_it_stands(names: tuple[str, str, str], message: str) -> None:
    with pytest.raises(DataError, match=re.escape(message)) as raised:
        prepare(read(*names), Choices("d"))

    assert len(str(raised.value)) < 200


@pytest.mark.parametrize("kind", ["U", "S"])
@pytest.mark.parametrize("part", ["y", "y_test"])
def test_class_names_of_arrays_are_bounded_too(kind: str, part: str) -> None:
    x, y = np.zeros((8, 2)), np.array(["a", "b"] * 4, dtype=kind)
    long = np.array([text.encode() if kind == "S" else text for text in ["a", "b", "a", "e" * 100_000] * 2])
    arrays = ParsedArrays(x, y, x, y)

    prepare(arrays, Choices("d"))
    with pytest.raises(DataError, match=f"row 4 of {part}: expected a class of at most 256 characters, got "):
        prepare(ParsedArrays(**vars(arrays) | {part: long}), Choices("d"))


def test_a_column_that_is_left_out_has_a_short_name_too() -> None:
    table = read("n", "c", "yes")

    with pytest.raises(DataError, match="a column that is left out: expected a name of at most 256"):
        prepare(ParsedTable(table.columns, table.values, {TOO_LONG: "it is empty"}), Choices("d"))


def test_many_names_may_not_be_long_together() -> None:
    count = MAX_BYTES // MAX_CHARACTERS
    columns = tuple(Column(f"{place:06}" + "n" * 250) for place in range(count + 1))
    values = np.tile(np.arange(8.0)[:, None] % 2, (1, count + 1))

    prepare(ParsedTable(columns[:count], values[:, :count]), Choices("d"))
    with pytest.raises(DataError, match=f"names: expected at most {MAX_BYTES} bytes .* got {MAX_BYTES + 256}"):
        prepare(ParsedTable(columns, values), Choices("d"))
