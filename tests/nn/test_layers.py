"""Layers beyond the dense one: what they compute, by hand, and what they refuse."""

import numpy as np
import pytest

from nn import Dataset, Model, SpecError, TrainingOptions, fit
from nn.data import Column
from nn.layers import layer_from
from nn.network import Network


def network(layers, shape, dtype=np.float64):
    net = Network([layer_from(config) for config in layers], shape, dtype)
    net.initialize(np.random.default_rng(0))
    return net


def test_convolution_by_hand():
    """One 2×2 filter with weights 1, 2, 3, 4 and bias 10 over the numbers 0 … 8 in a 3×3 image."""
    net = network([{"type": "conv2d", "filters": 1, "kernel": 2}], (3, 3, 1))
    net.parameters[...] = [1, 2, 3, 4, 10]

    Y = net.forward(np.arange(9.0).reshape(1, 3, 3, 1))

    assert Y[0, :, :, 0].tolist() == [[10 + 27, 10 + 37], [10 + 57, 10 + 67]]


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 0), (1, 2), (3, 1)])
def test_convolution_is_the_sum_that_its_docstring_states(rng, stride, padding):
    X = rng.normal(size=(2, 7, 6, 3))
    net = network([{"type": "conv2d", "filters": 4, "kernel": 3, "stride": stride, "padding": padding}], (7, 6, 3))
    W, b = net.layers[0].W.reshape(4, 3, 3, 3), rng.normal(size=4)
    net.layers[0].b[...] = b
    padded = np.pad(X, ((0, 0), (padding, padding), (padding, padding), (0, 0)))

    Y = net.forward(X)

    for s, p, q, f in np.ndindex(Y.shape):
        seen = padded[s, p * stride : p * stride + 3, q * stride : q * stride + 3]
        assert Y[s, p, q, f] == pytest.approx((seen * W[f]).sum() + b[f])


def test_pooling_by_hand_leaves_what_does_not_fit():
    X = np.arange(15.0).reshape(1, 3, 5, 1)

    largest = network([{"type": "max_pool2d"}], (3, 5, 1)).forward(X)
    mean = network([{"type": "average_pool2d"}], (3, 5, 1)).forward(X)

    assert largest[0, :, :, 0].tolist() == [[6, 8]]
    assert mean[0, :, :, 0].tolist() == [[3, 5]]


def test_the_gradient_of_a_tie_in_max_pooling_goes_to_the_first():
    net = network([{"type": "max_pool2d"}], (2, 2, 1))
    net.forward(np.ones((1, 2, 2, 1)), np.random.default_rng(0))

    dX = net.layers[0].backward(np.full((1, 1, 1, 1), 5.0))

    assert dX.ravel().tolist() == [5, 0, 0, 0]


def test_flatten_goes_channel_by_channel():
    X = np.array([[[[1, 10], [2, 20]], [[3, 30], [4, 40]]]], float)

    assert network([{"type": "flatten"}], (2, 2, 2)).forward(X).tolist() == [[1, 2, 3, 4, 10, 20, 30, 40]]


def test_an_embedding_gives_a_category_its_row_and_mixes_no_columns():
    net = network([{"type": "embedding", "units": 2, "widths": [3, 1]}], (4,))
    W = net.layers[0].W

    Y = net.forward(np.array([[0, 1, 0, 5], [0, 0, 0, 1]], np.float32))

    np.testing.assert_allclose(Y, [[*W[1], *5 * W[3]], [0, 0, *W[3]]], rtol=1e-6)


def test_an_embedding_without_widths_takes_those_of_the_data(rng):
    x = np.column_stack([rng.integers(0, 3, 40), rng.normal(size=40)])
    columns = (Column("city", "categorical", ("Oslo", "Paris", "Rome")), Column("age"))
    data = Dataset(x, np.arange(40) % 2, x, np.arange(40) % 2, "classification", ("n", "y"), (2,), "t", columns)

    model = Model.build(data, hidden_layers=[8], embedding=4, members=2, rng=rng)

    assert model.network.config()[0] == {"type": "embedding", "units": 4, "widths": [3, 1], "initializer": "he_normal"}
    with pytest.raises(SpecError, match="embedding: expected widths that add up to its inputs"):
        Network([layer_from({"type": "embedding", "widths": [3, 2]})], (4,))


def test_batch_normalisation_standardises_while_training_and_remembers_for_prediction(rng):
    net = network([{"type": "batch_norm", "momentum": 0.5, "epsilon": 1e-12}], (3,))
    X = rng.normal(2, 5, (40, 3))

    Y = net.forward(X, rng).copy()

    np.testing.assert_allclose(Y.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(Y.std(axis=0), 1)
    np.testing.assert_allclose(net.layers[0].running_mean, 0.5 * X.mean(axis=0))
    np.testing.assert_allclose(net.layers[0].running_var, 0.5 + 0.5 * X.var(axis=0, ddof=1))
    expected = (X - net.layers[0].running_mean) / np.sqrt(net.layers[0].running_var)
    np.testing.assert_allclose(net.forward(X), expected)


def test_batch_normalisation_has_no_decayed_parameters():
    net = network([{"type": "dense", "units": 3}, {"type": "batch_norm"}], (2,))

    assert net.decayed == slice(0, 6)
    assert net.parameter_count == 6 + 3 + 3 + 3


def test_dropout_keeps_the_mean_and_is_absent_from_prediction(rng):
    net = network([{"type": "dropout", "rate": 0.3}], (500,))
    X = np.ones((400, 500))

    Y = net.forward(X, rng)

    assert set(np.unique(Y)) == {0, 1 / 0.7}
    assert Y.mean() == pytest.approx(1, abs=0.01)
    np.testing.assert_array_equal(net.forward(X), X)


@pytest.mark.parametrize("first", [{"type": "dense", "units": 3}, {"type": "conv2d", "filters": 3, "kernel": 1}])
def test_a_first_layer_skips_the_gradient_of_the_data_and_only_that(first, rng):
    """No memory is laid out for it; in second place there is."""
    shape = (20, 20, 50) if first["type"] == "conv2d" else (20_000,)
    X, size, gradients = rng.normal(size=(8, *shape)), {}, {}
    for before in ([], [{"type": "batch_norm"}], [{"type": "dropout", "rate": 0}]):
        net = network([*before, first], shape)
        Y = net.forward(X, rng)
        net.backward(np.ones_like(Y))
        size[str(before)], gradients[str(before)] = net.layers[-1].buffer_nbytes, net.layers[-1].dW.copy()
    alone, second, after_dropout = size.values()

    assert alone == after_dropout <= second - X.nbytes
    np.testing.assert_array_equal(*[g for before, g in gradients.items() if "batch_norm" not in before])


def stripes(rng, rows=200):
    """Images of 8×8 with a bright row (class 0) or a bright column (class 1) at a random place."""
    x, y, place = rng.random((rows, 8, 8)) * 80, rng.integers(0, 2, rows), rng.integers(0, 8, rows)
    for image, label, i in zip(x, y, place, strict=True):
        image[(i, slice(None)) if label == 0 else (slice(None), i)] += 120
    x = x.astype(np.uint8).reshape(rows, 64)
    half = rows // 2
    return Dataset(x[:half], y[:half], x[half:], y[half:], "classification", ("row", "column"), (8, 8), "stripes")


def test_a_convolutional_network_learns_by_the_same_fit(rng):
    data = stripes(rng)
    layers = [{"type": "conv2d", "filters": 6, "kernel": 3}, {"type": "relu"}, {"type": "max_pool2d", "size": 3}]
    model = Model.build(data, layers=layers, rng=rng)

    fit(
        model,
        data.x_train,
        data.y_train,
        TrainingOptions(batch_size=16, epochs=12, optimizer={"name": "adam", "learning_rate": 0.01}),
        rng=rng,
    )

    assert [entry["type"] for entry in model.architecture["layers"]][-2:] == ["flatten", "dense"]
    assert model.evaluate(data.x_test, data.y_test)["accuracy"] > 0.9


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ([{"type": "max_pool2d", "size": 9}], "max_pool2d size: expected at most the image, 8×8, got 9"),
        ([{"type": "conv2d", "filters": 2, "kernel": 9}], "conv2d kernel: expected at most the image with its padding"),
        ([{"type": "conv2d", "filters": 0, "kernel": 3}], "conv2d filters"),
        ([{"type": "conv2d", "filters": 2, "kernel": 3, "stride": 0}], "conv2d stride"),
        ([{"type": "conv2d", "filters": 2, "kernel": 3, "padding": -1}], "conv2d padding"),
        ([{"type": "conv2d", "filters": 2}], "expected the option 'kernel'"),
        ([{"type": "conv2d", "filters": 2, "kernel": 3}, {"type": "dense", "units": 3}], "put flatten before it"),
        ([{"type": "flatten"}, {"type": "max_pool2d"}], "expected images of"),
        ([{"type": "batch_norm", "momentum": 0}], "batch_norm momentum"),
    ],
)
def test_layers_that_do_not_fit_are_refused(rng, layers, said):
    with pytest.raises(SpecError, match=said):
        Model.build(stripes(rng), layers=layers, rng=rng)


def test_a_convolution_over_rows_is_refused(clouds, rng):
    with pytest.raises(SpecError, match="expected images for a convolution or pooling, got rows of shape"):
        Model.build(clouds, layers=[{"type": "conv2d", "filters": 2, "kernel": 1}], rng=rng)
