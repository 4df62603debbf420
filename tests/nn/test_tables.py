"""Tables: columns of numbers and categories, with values missing, from raw rows to a prediction."""

import math
import pickle

import numpy as np
import pytest

from nn import DataError, Dataset, FormatError, Model, TrainingOptions, fit
from nn.data import Column, encode_labels, read_rows
from nn.errors import RowError
from nn.formats import load, save
from nn.preprocessing import Table
from nn.preprocessing.table import fit_table

COLUMNS = (Column("age"), Column("city", "categorical", ("Oslo", "Paris", "Rome")), Column("income"))
ROWS = [[20, "Rome", 100.0], [40, "Oslo", None], [None, None, 300.0], [60, "Paris", 500.0]]


def table_of(rows, kind="none"):
    x = read_rows(rows, COLUMNS)
    return fit_table(kind, x, COLUMNS), x


def encoded(table, x):
    return table(x, np.empty((len(x), table.features), np.float32))


def test_numbers_stay_categories_are_one_hot_and_what_is_missing_follows_the_rule():
    table, x = table_of(ROWS)

    np.testing.assert_array_equal(
        encoded(table, x),
        [[20, 0, 0, 1, 100], [40, 1, 0, 0, 300], [40, 0, 0, 0, 300], [60, 0, 1, 0, 500]],  # medians 40 and 300
    )


def test_numbers_are_standardised_over_the_filled_training_rows_and_one_hot_columns_are_left():
    table, x = table_of(ROWS, "standardize")

    X = encoded(table, x)

    np.testing.assert_allclose(X[:, [0, 4]].mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(X[:, [0, 4]].std(axis=0), 1, rtol=1e-6)
    assert set(np.unique(X[:, 1:4])) == {0.0, 1.0}


def test_a_column_of_nothing_but_missing_values_is_zero():
    table, x = table_of([[None, "Oslo", 1], [None, "Rome", 2]], "standardize")

    np.testing.assert_array_equal(encoded(table, x)[:, 0], 0)


@pytest.mark.parametrize(
    ("categories", "value"),
    [
        (("False", "True"), True),
        (("false", "true"), True),
        (("x", "7"), 7),
        (("x", "7"), 7.0),
        (("x", "7.0"), 7),
        (("x", "1000.0"), 1000),
        (("x", "0.5"), 0.5),
        (("x", "True"), "True"),
    ],
)
def test_a_category_is_found_however_its_file_had_written_it(categories, value):
    assert read_rows([[value]], [Column("a", "categorical", categories)]) == 1


def test_rows_may_be_lists_or_objects_by_name():
    listed = read_rows([[20, "Rome", None]], COLUMNS)

    named = read_rows([{"city": "Rome", "age": 20}], COLUMNS)

    np.testing.assert_array_equal(listed, [[20, 2, math.nan]])
    np.testing.assert_array_equal(named, listed)


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ([1, "Berlin", 2], 1, "row 1: city: expected 'Oslo', 'Paris', 'Rome' or null, got 'Berlin'"),
        (["old", "Oslo", 2], 0, "row 1: age: expected a number or null, got 'old'"),
        ([True, "Oslo", 2], 0, "age: expected a number or null, got true"),
        ([math.inf, "Oslo", 2], 0, "age: expected a finite number"),
        ([10**400, "Oslo", 2], 0, "age: expected a finite number of at most 3.4e+38"),
        ([1, "Oslo"], None, "expected 3 values, one for each column ('age', 'city', 'income'), got 2"),
        ("abc", None, "expected 3 values, one for each column ('age', 'city', 'income'), got 'abc'"),
        (7, None, "expected 3 values, one for each column ('age', 'city', 'income'), got 7"),
        ({"age": 1, "town": "Oslo"}, "town", "expected one of the columns 'age', 'city', 'income', got 'town'"),
        ({"city": "Berlin"}, "city", "got 'Berlin'"),
    ],
)
def test_a_bad_value_names_its_row_and_column(row, column, said):
    with pytest.raises(RowError) as caught:
        read_rows([[1, "Oslo", 2], row], COLUMNS)

    assert said in str(caught.value)
    assert (caught.value.row, caught.value.column) == (1, column)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        (["no", "yes", "no"], ("no", "yes")),
        ([10, 9, 10], ("9", "10")),
        ([1.0, 0.0, 1.0], ("0", "1")),
        ([True, False, True], ("false", "true")),
        (["b", "10", "b"], ("10", "b")),
    ],
)
def test_labels_are_encoded_in_a_sensible_order(values, classes):
    y, found = encode_labels(values)

    assert found == classes
    assert [found[code] for code in y][:1] == [found[y[2]]]
    assert y[0] == y[2] != y[1]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1, None], "row 1: expected a label, got a missing value"),
        (["a", ""], "row 1: expected a label"),
        ([1.0, math.nan], "row 1: expected a label"),
        (["a", "a"], "labels: expected two classes or more, got a"),
        ([], "got none"),
    ],
)
def test_labels_that_cannot_be_learned_are_refused(values, said):
    with pytest.raises(DataError, match=said):
        encode_labels(values)


@pytest.fixture
def survey(rng):
    """The class follows from the city and, more weakly, from the age; a tenth of all values is missing."""
    city, age, income = rng.integers(0, 3, 400), rng.uniform(18, 80, 400), rng.normal(1000, 300, 400)
    y = (city + (age > 50)) % 3
    x = np.column_stack([age, city, income])
    x[rng.random(x.shape) < 0.1] = np.nan
    return Dataset(x[:300], y[:300], x[300:], y[300:], "classification", ("a", "b", "c"), (3,), "survey", COLUMNS)


def test_a_network_learns_from_a_table_with_missing_values(survey):
    rng = np.random.default_rng(0)
    model = Model.build(survey, hidden_layers=[16], rng=rng)

    fit(
        model,
        survey.x_train,
        survey.y_train,
        TrainingOptions(epochs=60, batch_size=16, optimizer={"name": "adam"}),
        rng=rng,
    )

    assert model.evaluate(survey.x_test, survey.y_test)["accuracy"] > 0.7
    assert [column.name for column in model.columns] == [column.name for column in COLUMNS]
    assert model.columns[0].low == np.nanmin(survey.x_train[:, 0])
    assert model.input_size == 3
    assert model.network.input_shape == (5,)


@pytest.mark.parametrize("name", ["npz", "safetensors"])
def test_the_preprocessing_travels_with_the_model(survey, rng, name):
    model = Model.build(survey, rng=rng)

    back = load(save(model, name))

    assert back.columns == model.columns
    np.testing.assert_array_equal(back.predict_probabilities(ROWS), model.predict_probabilities(ROWS))
    np.testing.assert_array_equal(
        back.predict_probabilities([{"age": 20, "city": "Rome", "income": 100}]), back.predict_probabilities(ROWS[:1])
    )


@pytest.mark.parametrize(
    ("value", "place", "said"),
    [
        (3, 1, "city: expected a code from 0 to 2 or NaN, got 3"),
        (0.5, 1, "got 0.5"),
        (np.inf, 0, "age: expected a finite number of at most 3.4e.38 or NaN, got inf"),
    ],
)
def test_codes_that_no_category_has_are_refused(survey, value, place, said):
    x = survey.x_train.copy()
    x[7, place] = value

    with pytest.raises(RowError, match=f"row 7: .*{said}"):
        Dataset(x, survey.y_train, x, survey.y_train, "classification", ("a", "b", "c"), (3,), "t", COLUMNS)


@pytest.mark.parametrize(
    "change",
    [
        {"columns": []},
        {"columns": [{"name": "a", "kind": "numeric"}] * 2},
        {"fill": [1.0]},
        {"fill": [np.nan, 0]},
        {"columns": 5},
        {"scaling": {"kind": "none"}},
        {"columns": [{"name": "a", "kind": "categorical"}] * 3},
    ],
)
def test_a_damaged_description_is_refused(change):
    config = table_of(ROWS)[0].config()

    with pytest.raises(FormatError):
        Table.from_config(config | change, 3)


@pytest.mark.parametrize(
    ("kind", "categories"), [("categorical", ()), ("numeric", ("a",)), ("text", ()), ("categorical", ("a", "a"))]
)
def test_a_column_that_cannot_be_is_refused(kind, categories):
    with pytest.raises(DataError, match="column 'c'"):
        Column("c", kind, categories)
