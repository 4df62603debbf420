"""Where numbers run out of digits or of range, and where there are next to none of them."""

import math

import numpy as np
import pytest

from nn import DataError, DivergenceError, Model, SpecError, TrainingOptions, fit
from nn.metrics import confusion_matrix, f1, mae, r2
from nn.preprocessing import fit_scaling

TWO = ("a", "b")


def blobs(rng: np.random.Generator, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Two classes that the second feature tells apart; the first is 0.1 everywhere."""
    x = np.column_stack([np.full(n, 0.1), rng.standard_normal(n)])
    return x, (x[:, 1] > 0).astype(np.intp)


@pytest.mark.parametrize("constant", [0.1, 0.3, 1.1, 1e6 + 0.1, 0.0, -7.0])
@pytest.mark.parametrize("kind", ["standardize", "scale"])
def test_a_feature_that_never_changes_is_left_in_its_own_units(kind: str, constant: float) -> None:
    scaling = fit_scaling(kind, np.full((100, 1), constant))

    assert scaling.factor == 1


def test_a_feature_that_was_constant_may_move_a_little(rng: np.random.Generator) -> None:
    x, y = blobs(rng)
    model = Model.build(((2,), "classification", TWO), rng=rng)
    model.preprocessing = fit_scaling("standardize", x)
    fit(model, x, y, TrainingOptions(epochs=20, batch_size=32), rng=rng)

    moved = x + np.array([0.01, 0])

    assert model.evaluate(moved, y)["accuracy"] > 0.95


def test_constant_targets_have_nothing_to_be_explained() -> None:
    y = np.full((100, 1), 0.1)

    assert r2(y, y + 0.5) == 0
    assert fit_scaling("standardize", y).factor == 1


@pytest.mark.parametrize("unit", [1e-37, 1e-39, 1e-150])
@pytest.mark.parametrize("kind", ["standardize", "scale"])
def test_very_small_units_are_scaled_like_others(kind: str, unit: float, rng: np.random.Generator) -> None:
    x = rng.random((200, 3))
    X, Y = np.empty((200, 3), np.float32), np.empty((200, 3), np.float32)

    fit_scaling(kind, x)(x, X)
    fit_scaling(kind, x * unit)(x * unit, Y)

    np.testing.assert_allclose(Y, X, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("order", ["sorted", "shuffled"])
def test_class_weights_count_the_same_in_any_order_of_the_rows(order: str, rng: np.random.Generator) -> None:
    y = np.repeat([0, 1], 2048)
    weights = [1.0, 20.0]
    model = Model.build(
        ((1,), "classification", TWO),
        hidden_layers=(),
        rng=rng,
        loss={"name": "cross_entropy", "class_weights": weights},
    )
    model.network.parameters[:] = [0, 0, 3, 0]  # logits (3, 0), whatever comes
    rows = y if order == "sorted" else rng.permutation(y)

    loss = model.evaluate(np.zeros((len(y), 1), np.float32), rows)["loss"]

    losses = np.log(1 + np.exp([-3.0, 3.0]))
    assert loss == pytest.approx(float(np.dot(weights, losses) / sum(weights)), rel=1e-6)


@pytest.mark.parametrize("z", [5.0, 15.0, 20.0, 80.0])
def test_one_logit_is_as_sure_as_it_says(z: float, rng: np.random.Generator) -> None:
    model = Model.build(((1,), "classification", TWO), hidden_layers=(), loss="binary_cross_entropy", rng=rng)
    model.network.parameters[:] = [1, 0]
    x = np.array([[z], [-z]])

    P, told = model.predict_probabilities(x), model.evaluate(x, np.array([0, 1]))

    p = 1 / (1 + math.exp(z))
    np.testing.assert_allclose(P, [[p, 1 - p], [1 - p, p]], rtol=1e-5)
    assert told["loss"] == pytest.approx(z + math.log1p(math.exp(-z)), rel=1e-5)
    assert told["log_loss"] == pytest.approx(told["loss"], rel=1e-5)


def test_batch_normalisation_takes_no_statistics_of_one_row(rng: np.random.Generator) -> None:
    x = rng.standard_normal((64, 3)).astype(np.float32)
    layers = [{"type": "batch_norm", "momentum": 0.5}]
    model = Model.build(((3,), "classification", TWO), layers=layers, preprocessing="none", rng=rng)
    norm = model.network.layers[0]
    norm.forward(x, rng)
    mean, variance = norm.running_mean.copy(), norm.running_var.copy()

    norm.forward(x[:1] + 100, rng)

    np.testing.assert_array_equal(norm.running_mean, mean)
    np.testing.assert_array_equal(norm.running_var, variance)
    with pytest.raises(SpecError, match="batch_norm: expected batches of two rows or more"):
        fit(model, x, np.arange(64) % 2, TrainingOptions(batch_size=1), rng=rng)


def test_a_validation_loss_that_is_not_finite_is_a_divergence(rng: np.random.Generator) -> None:
    x = (rng.standard_normal((64, 8)) * 10_000).astype(np.float32)
    y = x[:, 0].astype(float)
    model = Model.build(((8,), "regression", ()), hidden_layers=(32,), rng=rng)
    model.network.layers[-1].W[...] = rng.standard_normal(model.network.layers[-1].W.shape)

    with pytest.raises(DivergenceError, match="inf in epoch 1, step 1"):  # the loss before the only step was finite
        fit(model, x, y, TrainingOptions(epochs=1, batch_size=64), validation=(x, y), rng=rng)


def test_a_gradient_is_clipped_though_its_square_overflows(rng: np.random.Generator) -> None:
    x = (rng.standard_normal((64, 4)) * 1e9).astype(np.float32)
    y = x[:, 0].astype(np.float64) * 1e3
    model = Model.build(((4,), "regression", ()), hidden_layers=(), preprocessing="none", rng=rng)
    model.target_scaling = fit_scaling("none", y[:, None])
    before = model.network.parameters.copy()

    fit(
        model,
        x,
        y,
        TrainingOptions(epochs=1, batch_size=64, clip_norm=1.0, optimizer={"name": "sgd", "learning_rate": 1.0}),
        rng=rng,
    )

    assert np.linalg.norm(model.network.parameters - before) == pytest.approx(1, rel=1e-3)


def test_metrics_of_small_integers_do_not_wrap_around() -> None:
    y = np.arange(20, dtype=np.uint8)

    assert f1(confusion_matrix(y, np.eye(20))).mean() == 1
    assert mae(np.array([0, 200], np.uint8), np.array([10, 100], np.uint8)) == 55


def test_parts_may_be_named_alone_and_anything_else_is_refused(rng: np.random.Generator) -> None:
    x, y = blobs(rng, 40)
    model = Model.build(((2,), "classification", TWO), rng=rng)

    fit(model, x, y, TrainingOptions(optimizer="adam", schedule="cosine", epochs=2, batch_size=10**11), rng=rng)

    for wrong in ({"optimizer": 3}, {"schedule": ["cosine"]}, {"optimizer": "magic"}):
        with pytest.raises(SpecError, match=next(iter(wrong))):
            fit(model, x, y, TrainingOptions(**wrong), rng=rng)
    for empty in (x[:0], y[:0]), (x, np.array(5)):
        with pytest.raises(DataError):
            fit(model, x, y, validation=empty, rng=rng)
