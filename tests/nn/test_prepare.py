import io

import numpy as np
import pytest

from nn.data.parse_results import ParsedArrays
from nn.data.prepare import Choices, Prepared, prepare
from nn.data.readers import READERS
from nn.data.readers.options import ReadOptions
from nn.errors import DataError


def prepared(text: str, **choices: object) -> Prepared:
    table = READERS["csv"]({"file": io.BytesIO(text.encode())}, ReadOptions())
    return prepare(table, Choices("data", **choices))


def rows(count: int = 40) -> str:
    lines = [f"{number},{'ab'[number % 2]},{number * 1.5},{number % 3}" for number in range(count)]
    return "\n".join(["n,kind,price,class", *lines])


def test_the_target_is_one_of_the_usual_names_or_the_last_column_and_is_said() -> None:
    by_name = prepared("class,n\n" + "a,1\nb,2\n" * 5)
    last = prepared("n,kind\n" + "1,a\n2,b\n" * 5)

    assert (by_name.target, last.target) == ("class", "kind")
    assert prepared("id,x,y,class\n" + "1,2,3.5,a\n2,3,1.5,b\n" * 5).target == "class"
    assert "the target is 'class', by its name" in by_name.notes
    assert (
        "the target is 'kind', the last column, for none is called target, label, class, labels, outcome or y"
        in last.notes
    )
    assert "the task is classification: the targets are names" in last.notes


def test_a_column_with_values_in_rows_without_a_target_alone_is_left_out() -> None:
    found = prepared("n,only,class\n1,5,\n2,,a\n" + "3,,b\n4,,a\n" * 5)

    assert [column.name for column in found.dataset.columns] == ["n"]
    assert found.left_out == {"only": "all of its values are missing in the rows that have a target"}
    assert "column 'only' is left out: all of its values are missing in the rows that have a target" in found.notes
    assert found.dataset.left_out == ("only",)
    with pytest.raises(DataError, match="got none: 'only': all of its values are missing in the rows"):
        prepared("only,class\n5,\n,a\n" + ",b\n,a\n" * 5)


def test_rows_without_a_target_are_left_out_with_their_count() -> None:
    found = prepared("n,class\n1,a\n2,\n" + "3,b\n4,a\n" * 5)

    assert len(found.dataset.x_train) + len(found.dataset.x_test) == 11
    assert sorted([*found.dataset.rows_train, *found.dataset.rows_test]) == [1, *range(3, 13)]
    assert "row 2 is left out: it has no target" in found.notes
    assert (
        "2 rows without a target are left out, the first is row 1"
        in prepared("n,class\n1,\n2,\n" + "3,b\n4,a\n" * 5).notes
    )


def test_few_whole_numbers_are_classes_and_others_are_to_be_predicted() -> None:
    classes, numbers = prepared(rows()), prepared(rows(), target="price")

    assert (classes.dataset.task, classes.dataset.classes) == ("classification", ("0", "1", "2"))
    assert (numbers.dataset.task, numbers.dataset.classes) == ("regression", ())
    assert "the task is regression: the targets are 40 different numbers" in numbers.notes
    assert [column.name for column in numbers.dataset.columns] == ["n", "kind", "class"]


def test_what_is_said_goes_before_what_would_be_guessed() -> None:
    dataset = prepared(rows(), task="regression").dataset

    assert dataset.task == "regression"
    assert not any("the task is" in note for note in prepared(rows(), task="regression").notes)


def test_a_part_of_every_class_is_kept_apart_the_same_each_time() -> None:
    first, again = prepared(rows(300)).dataset, prepared(rows(300)).dataset

    assert (len(first.x_train), len(first.x_test)) == (240, 60)
    np.testing.assert_array_equal(np.bincount(first.y_test), [20, 20, 20])
    np.testing.assert_array_equal(first.x_test, again.x_test)
    assert len(prepared(rows(), test_split=0.0).dataset.x_test) == 0


def test_numbers_are_kept_in_the_smallest_type_that_holds_each_exactly() -> None:
    wide = prepared("n,class\n" + "16777217,a\n0.1,b\n" * 5).dataset

    assert prepared(rows()).dataset.x_train.dtype == np.float32
    assert wide.x_train.dtype == np.float64


def test_arrays_keep_their_shape_and_bytes_stay_bytes() -> None:
    x = np.arange(20 * 6, dtype=np.uint8).reshape(20, 2, 3)
    dataset = prepare(ParsedArrays(x, np.array(["no", "yes"] * 10)), Choices("a")).dataset

    assert dataset.input_shape == (2, 3)
    assert dataset.x_train.dtype == np.uint8
    assert dataset.classes == ("no", "yes")
    assert len(dataset.x_test) == 4


def test_a_test_part_that_came_is_the_test_part() -> None:
    x, y = np.arange(12.0).reshape(4, 3), np.array([0, 1, 0, 1])
    dataset = prepare(ParsedArrays(x, y, x[:2], y[:2]), Choices("a")).dataset

    assert (len(dataset.x_train), len(dataset.x_test)) == (4, 2)


def test_several_targets_a_row_are_numbers_to_be_predicted() -> None:
    dataset = prepare(ParsedArrays(np.zeros((10, 2)), np.ones((10, 3))), Choices("a")).dataset

    assert (dataset.task, dataset.y_train.shape) == ("regression", (8, 3))


def test_one_target_a_row_may_stand_in_a_column_of_its_own() -> None:
    x, y = np.zeros((20, 2)), np.arange(20) % 2

    flat, column = (
        prepare(ParsedArrays(x, target, x[:2], target[:2]), Choices("a")).dataset for target in (y, y[:, None])
    )

    assert column.task == "classification"
    np.testing.assert_array_equal(column.y_train, flat.y_train)
    np.testing.assert_array_equal(column.y_test, flat.y_test)


@pytest.mark.parametrize(
    ("text", "choices", "message"),
    [
        (rows(), {"target": "colour"}, "target: expected one of the columns n, kind, price, class, got 'colour'"),
        (rows(), {"target": "kind", "task": "regression"}, "the targets are names, got regression"),
        ("n,class\n1,\n2,\n3,\n4,\n", {}, "got 'class': all of its values are missing .* by its name; say target="),
        ("class\na\nb\na\nb\n", {}, "columns: expected one at least beside the target"),
        ("n,class\n1,a\n2,b\n", {}, "rows: expected 4 or more, got 2"),
        (
            "n,class\n" + "".join(f"1,{2**53 + i % 3}\n" for i in range(9)),
            {"task": "classification"},
            "class numbers below",
        ),
        ("n,class\n" + "1,a\n" * 5, {}, "two classes or more, got a"),
        ("id,n\n" + "".join(f"t{i},{i}\n" for i in range(50)), {"target": "id"}, "hardly ever comes again"),
    ],
)
def test_what_cannot_be_learned_is_refused_with_the_reason(text: str, choices: dict, message: str) -> None:
    with pytest.raises(DataError, match=message):
        prepared(text, **choices)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (ParsedArrays(np.zeros(4), np.zeros(4)), "x: expected rows"),
        (ParsedArrays(np.zeros((0, 2)), np.zeros(0)), "x: expected at least one row, got none"),
        (
            ParsedArrays(np.zeros((4, 2)), np.arange(4), np.zeros((0, 2)), np.zeros(0)),
            "x_test: expected at least one row",
        ),
        (ParsedArrays(np.zeros((4, 2)), np.zeros(3)), "y: expected a target for each of 4 rows"),
        (ParsedArrays(np.array([[1.0, np.nan]] * 4), np.zeros(4)), "row 1, column 2 of x: expected a finite number"),
        (ParsedArrays(np.zeros((4, 2)), np.array([0, 1, np.inf, 1])), "row 3 of y"),
        (ParsedArrays(np.array([["a", "b"]] * 4), np.zeros(4)), "x: expected numbers"),
        (ParsedArrays(np.zeros((4, 2)), np.arange(4), np.zeros((1, 3)), np.ones(1)), "x_test: expected rows of shape"),
    ],
)
def test_arrays_that_do_not_fit_are_refused_with_the_place(arrays: ParsedArrays, message: str) -> None:
    with pytest.raises(DataError, match=message):
        prepare(arrays, Choices("a"))
