"""Models: built from a specification, asked in the data's own units."""

import numpy as np
import pytest

from nn import DataError, Dataset, Model, SpecError


def test_the_shorthand_is_dense_layers_with_their_activations(clouds, rng):
    model = Model.build(clouds, hidden_layers=[5, 3], activation="tanh", dropout=0.5, bias=False, rng=rng)

    kinds = [layer["type"] for layer in model.architecture["layers"]]
    assert kinds == ["dense", "tanh", "dropout", "dense", "tanh", "dropout", "dense"]
    assert model.parameter_count == 4 * 5 + 5 * 3 + 3 * 3
    assert model.input_size == 4


def test_a_list_of_layers_is_taken_as_it_is(clouds, rng):
    model = Model.build(clouds, layers=[{"type": "dense", "units": 6}, {"type": "gelu"}], rng=rng)

    assert model.parameter_count == 4 * 6 + 6 + 6 * 3 + 3


def test_one_row_and_many_are_predicted_alike(mnist, rng):
    model = Model.build(mnist, rng=rng)

    many = model.predict_probabilities(mnist.x_test[:1100])
    one = np.vstack([model.predict_probabilities(mnist.x_test[i : i + 1]) for i in (0, 7, 1099)])

    np.testing.assert_allclose(many[[0, 7, 1099]], one, atol=1e-6)
    np.testing.assert_array_equal(model.predict(mnist.x_test[:1100]), many.argmax(axis=1))


def test_rows_may_come_as_images_and_as_floats(mnist, rng):
    model = Model.build(mnist, rng=rng)
    flat = mnist.x_test[:5]

    expected = model.predict_probabilities(flat)

    np.testing.assert_array_equal(model.predict_probabilities(flat.reshape(5, 28, 28)), expected)
    np.testing.assert_allclose(model.predict_probabilities(flat.astype(float)), expected, atol=1e-7)


def test_bytes_are_scaled_and_numbers_standardised_unless_told_otherwise(mnist, clouds, rng):
    images = Model.build(mnist, hidden_layers=[2], rng=rng)
    table = Model.build(clouds, hidden_layers=[2], rng=rng)
    unscaled = Model.build(clouds, hidden_layers=[2], preprocessing="none", rng=rng)

    np.testing.assert_allclose(images.prepare(mnist.x_test[:3]), mnist.x_test[:3] / 255, rtol=1e-6)
    np.testing.assert_allclose(table.prepare(clouds.x_train).mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(table.prepare(clouds.x_train).std(axis=0), 1, rtol=1e-5)
    np.testing.assert_array_equal(unscaled.prepare(clouds.x_train), clouds.x_train.astype(np.float32))


def test_scaling_to_the_unit_interval_uses_each_features_range(clouds, rng):
    model = Model.build(clouds, preprocessing="scale", rng=rng)

    X = model.prepare(clouds.x_train)

    np.testing.assert_allclose(X.min(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(X.max(axis=0), 1, rtol=1e-6)


@pytest.mark.parametrize("members", [1, 3])
def test_a_regression_begins_with_the_mean_of_its_targets(rng, members):
    x, y = rng.standard_normal((50, 4)).astype(np.float32), (rng.standard_normal(50) + 7).astype(np.float32)[:, None]
    data = Dataset(x, y, x[:5], y[:5], "regression", (), (4,), "numbers")

    model = Model.build(data, hidden_layers=[8], members=members, rng=rng)

    np.testing.assert_allclose(model.predict(rng.standard_normal((9, 4))), y.mean(), rtol=1e-6)


def test_a_feature_that_never_changes_does_no_harm(rng):
    x = np.column_stack([np.full(10, 3.0), np.arange(10.0)])
    data = Dataset(x, np.arange(10) % 2, x, np.arange(10) % 2, "classification", ("a", "b"), (2,), "t")

    for preprocessing in ("scale", "standardize"):
        assert np.isfinite(Model.build(data, preprocessing=preprocessing, rng=rng).predict_probabilities(x)).all()


def test_a_model_can_be_built_from_shapes_alone(rng):
    model = Model.build(((3,), "classification", ("a", "b")), hidden_layers=[4], rng=rng)

    assert model.predict_probabilities(np.zeros((2, 3))).shape == (2, 2)
    with pytest.raises(SpecError, match="expected a data set"):
        Model.build(((3,), "classification", ("a", "b")), preprocessing="standardize", rng=rng)


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"activation": "swish9"}, "layer type: expected one of .*relu.*, got 'swish9'"),
        ({"activation": ["relu"]}, "layer type"),
        ({"initializer": "xavier"}, "initializer: expected one of .*he_normal"),
        ({"hidden_layers": [0]}, "dense units: expected a whole number of at least 1, got 0"),
        ({"hidden_layers": [-3]}, "got -3"),
        ({"hidden_layers": [True]}, "dense units"),
        ({"hidden_layers": [2.0]}, "dense units"),
        ({"hidden_layers": "128"}, "hidden_layers: expected a list"),
        ({"hidden_layers": [10**12]}, "at most 1000000, got 1000000000000"),
        ({"hidden_layers": [10**5, 10**5]}, "at most 500000000 parameters"),
        ({"dropout": 1.0}, "dropout"),
        ({"bias": None}, "dense bias: expected true or false"),
        ({"preprocessing": "whiten"}, "preprocessing: expected one of"),
        ({"loss": "huber"}, "expected one for classification"),
        ({"layers": [{"units": 3}]}, "layer: expected an object"),
        ({"layers": ["relu"]}, "layer: expected an object"),
        ({"layers": [{"type": "dense"}]}, "dense: expected the option 'units'"),
        ({"layers": [{"type": "dense", "units": 3, "size": 4}]}, "unknown option 'size'"),
        ({"layers": [{"type": "relu", "slope": 4}]}, "unknown option 'slope'"),
    ],
)
def test_a_specification_that_cannot_be_built_is_refused(clouds, rng, choice, said):
    with pytest.raises(SpecError, match=said):
        Model.build(clouds, rng=rng, **choice)


@pytest.mark.parametrize(("value", "said"), [(np.nan, "x_train: expected finite numbers"), (1e300, "at most 3.4e.38")])
@pytest.mark.parametrize("preprocessing", ["standardize", "scale", "none"])
def test_numbers_that_cannot_be_scaled_are_refused(clouds, rng, value, said, preprocessing):
    x = clouds.x_train.copy()
    x[5, 1] = value
    data = Dataset(x, clouds.y_train, clouds.x_test, clouds.y_test, "classification", ("a", "b", "c"), (4,), "t")

    with pytest.raises(DataError, match=said):
        Model.build(data, preprocessing=preprocessing, rng=rng)


def test_targets_that_overflow_are_refused():
    with pytest.raises(DataError, match=r"y_train: expected numbers of at most 3.4e.38, got 1e.300 in row 0"):
        Dataset(np.zeros((1, 2)), np.array([1e300]), np.zeros((0, 2)), np.zeros(0), "regression", (), (2,), "t")


def test_rows_that_cannot_be_asked_are_refused(clouds, rng):
    model = Model.build(clouds, rng=rng)

    for x, said in (
        (np.zeros(4), "rows of 4 numbers"),
        (np.zeros((2, 5)), "rows of 4 numbers"),
        (np.full((2, 4), np.inf), "NaN or infinity in row 0"),
        (np.full((2, 4), "a"), "expected numbers"),
    ):
        with pytest.raises(DataError, match=said):
            model.predict(x)


def test_probabilities_of_a_regression_are_refused(rng):
    model = Model.build(((3,), "regression", ()), rng=rng)

    with pytest.raises(SpecError, match="expected a classification model"):
        model.predict_probabilities(np.zeros((1, 3)))
