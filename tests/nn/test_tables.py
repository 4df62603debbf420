"""Tables: columns of numbers and categories, with values missing, from raw rows to a prediction."""

import math
import pickle
from functools import partial

import numpy as np
import pytest

from nn import DataError, Dataset, FormatError, Model, TrainingOptions, fit
from nn.data import Column, encode_labels, read_rows
from nn.errors import RowError, SpecError
from nn.formats import load, save
from nn.preprocessing import Table
from nn.preprocessing.encodings import PiecewiseLinear, Scaled
from nn.preprocessing.table import fit_table

COLUMNS = (Column("age"), Column("city", "categorical", ("Oslo", "Paris", "Rome")), Column("income"))
ROWS = [[20, "Rome", 100.0], [40, "Oslo", None], [None, None, 300.0], [60, "Paris", 500.0]]


def table_of(rows, kind="none"):
    x = read_rows(rows, COLUMNS)
    return fit_table(partial(Scaled.fit, kind), x, COLUMNS), x


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


NUMBERS = {"kind": "scaled", "fill": [1.0, 2.0], "scaling": {"kind": "none", "shift": 0.0, "factor": 1.0}}


@pytest.mark.parametrize(
    "change",
    [
        {"columns": []},
        {"columns": [{"name": "a", "kind": "numeric"}] * 2},
        {"columns": 5},
        {"columns": [{"name": "a", "kind": "categorical"}] * 3},
        {"encodings": {}},
        {"encodings": {"numeric": NUMBERS}},
        {"encodings": {"numeric": 5, "categorical": {"kind": "one_hot"}}},
        *(
            {"encodings": {"numeric": NUMBERS | bad, "categorical": {"kind": "one_hot"}}}
            for bad in (
                {"kind": "roman"},
                {"kind": ["scaled"]},
                {"fill": [1.0]},
                {"fill": [np.nan, 0]},
                {"scaling": {"kind": "none"}},
            )
        ),
    ],
)
def test_a_damaged_description_is_refused(change):
    config = table_of(ROWS)[0].config()

    with pytest.raises(FormatError):
        Table.from_config(config | change, 3)


def test_a_table_of_0_1_0_is_read():
    table, x = table_of(ROWS, "standardize")
    config = table.config()
    numbers = config.pop("encodings")["numeric"]

    old = Table.from_config(config | {"fill": numbers["fill"], "scaling": numbers["scaling"]}, 3)

    np.testing.assert_array_equal(encoded(old, x), encoded(table, x))


def piecewise(values):
    return fit_table(PiecewiseLinear.fit, np.asarray(values, float), [Column(f"c{i}") for i in range(len(values[0]))])


def test_a_number_is_the_share_of_each_bin_that_lies_below_it():
    table = piecewise([[v] for v in range(49)])  # 48 bins of one each, median 24, quartiles 12 and 36

    X = encoded(table, np.array([[24.0], [10.25], [-5], [100]]))

    assert X.shape == (4, 49)
    np.testing.assert_allclose(X[:2, 0], [0, -13.75 / 24 / np.hypot(1, 13.75 / 24 / 3)], rtol=1e-6)
    np.testing.assert_array_equal(X[0, 1:], [1] * 24 + [0] * 24)
    np.testing.assert_array_equal(X[1, 1:], [1] * 10 + [0.25] + [0] * 37)
    np.testing.assert_array_equal(X[2, 1:], 0)
    np.testing.assert_array_equal(X[3, 1:], 1)
    assert -3 < X[2, 0] < X[1, 0] < X[3, 0] < 3


def test_edges_are_quantiles_each_once_and_two_values_need_none():
    rng = np.random.default_rng(0)
    mostly_zero = np.where(rng.random(1000) < 0.9, 0.0, rng.normal(size=1000))
    values = np.column_stack([mostly_zero, rng.integers(0, 2, 1000), np.full(1000, 3.0), rng.normal(size=1000)])
    table = piecewise(values)
    encoding = table.encodings["numeric"]

    assert len(encoding.edges[0]) < 12
    assert (np.diff(encoding.edges[0]) > 0).all()
    assert [len(e) for e in encoding.edges[1:]] == [0, 0, 49]
    np.testing.assert_array_equal(encoding.edges[3], np.quantile(values[:, 3], np.linspace(0, 1, 49)))


def test_whether_a_number_was_missing_is_a_feature_where_rows_lacked_some():
    table = piecewise([[1, np.nan], [2, 5], [3, 6], [4, 7]])

    X = encoded(table, np.array([[np.nan, np.nan], [2, 6]]))

    assert table.encodings["numeric"].lacks == [False, True]
    np.testing.assert_array_equal(X[:, -1], [1, 0])
    np.testing.assert_array_equal(X[0, 0], encoded(table, np.array([[2.5, 6]]))[0, 0])


@pytest.mark.parametrize("columns", [1, 20, 60, 2000])
def test_many_columns_have_fewer_bins_each(columns, rng):
    table = piecewise(rng.normal(size=(100, columns)))

    assert table.features == columns * (1 + min(48, max(8, 512 // columns)))


@pytest.mark.parametrize(
    "values", [[5.0] * 20, [np.nan] * 20, [0.0] * 19 + [3e38], [1e-310, 2e-310] * 10, [-3e38, 3e38] * 10, [7.0]]
)
def test_strange_columns_become_finite_features_without_a_warning(values):
    X = np.array([[v] for v in values])

    table = piecewise(X)

    with np.errstate(all="raise", under="ignore"):
        assert np.isfinite(encoded(table, np.append(X, [[np.nan], [3e38], [-3e38]], axis=0))).all()


def test_a_piecewise_table_travels_with_the_model(survey):
    model = Model.build(survey, preprocessing="piecewise_linear", rng=np.random.default_rng(0))

    back = load(save(model, "safetensors"))

    np.testing.assert_array_equal(back.predict_probabilities(survey.x_test), model.predict_probabilities(survey.x_test))
    config = model.preprocessing.config()
    config["encodings"]["numeric"]["edges"][0] = [2.0, 1.0]
    with pytest.raises(FormatError, match="edges that rise"):
        Table.from_config(config, 3)


def test_rows_of_plain_numbers_are_encoded_too_and_images_are_not(rng):
    x, y = rng.normal(size=(60, 4)), np.arange(60) % 2
    model = Model.build(
        Dataset(x, y, x, y, "classification", ("n", "y"), (4,), "rows"), preprocessing="piecewise_linear", rng=rng
    )

    back = load(save(model, "npz"))

    assert model.columns == ()
    assert model.network.input_shape == (4 * 49,)
    np.testing.assert_array_equal(back.predict_probabilities(x), model.predict_probabilities(x))
    with pytest.raises(SpecError, match="expected rows of numbers for it, got images"):
        Model.build(
            Dataset(x, y, x, y, "classification", ("n", "y"), (2, 2), "dots"), preprocessing="piecewise_linear", rng=rng
        )


@pytest.mark.parametrize(
    ("kind", "categories"), [("categorical", ()), ("numeric", ("a",)), ("text", ()), ("categorical", ("a", "a"))]
)
def test_a_column_that_cannot_be_is_refused(kind, categories):
    with pytest.raises(DataError, match="column 'c'"):
        Column("c", kind, categories)
