"""The exact blocked path: block by block it does what the plain path does step by step."""

import numpy as np
import pytest

from nn import Dataset, Model, Teacher, TrainingOptions, fit
from tests.nn.conftest import weights


def trained(data, *, kernels, bias=True, hidden=(12, 7), activation="relu", schedule=None, rows=150):
    rng = np.random.default_rng(5)
    model = Model.build(
        data, hidden_layers=list(hidden), activation=activation, bias=bias, rng=rng, dtype=np.float64, kernels=kernels
    )
    history = fit(
        model,
        data.x_train[:rows],
        data.y_train[:rows],
        TrainingOptions(optimizer={"name": "sgd", "learning_rate": 0.05}, schedule=schedule, batch_size=1, epochs=2),
        rng=rng,
    )
    return model, history


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("hidden", [(12, 7), (5,), ()])
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "gelu"])
def test_blocked_path_equals_plain_path(clouds, bias, hidden, activation):
    blocked, told = trained(clouds, kernels=True, bias=bias, hidden=hidden, activation=activation)
    plain, expected = trained(clouds, kernels=False, bias=bias, hidden=hidden, activation=activation)

    np.testing.assert_allclose(weights(blocked), weights(plain), rtol=0, atol=1e-11)
    assert told.epochs[-1].train_loss == pytest.approx(expected.epochs[-1].train_loss, abs=1e-11)
    assert told.epochs[-1].train_accuracy == expected.epochs[-1].train_accuracy


def test_blocked_path_follows_a_schedule_within_a_block(clouds):
    schedule = {"name": "exponential", "gamma": 0.1}

    blocked, _ = trained(clouds, kernels=True, schedule=schedule)
    plain, _ = trained(clouds, kernels=False, schedule=schedule)

    np.testing.assert_allclose(weights(blocked), weights(plain), rtol=0, atol=1e-11)


@pytest.mark.parametrize("rows", [1, 63, 64, 65])
def test_blocks_that_are_not_full_are_exact_too(clouds, rows):
    blocked, _ = trained(clouds, kernels=True, rows=rows)
    plain, _ = trained(clouds, kernels=False, rows=rows)

    np.testing.assert_allclose(weights(blocked), weights(plain), rtol=0, atol=1e-11)


@pytest.mark.parametrize(
    "choice",
    [
        {"batch_size": 2},
        {"weight_decay": 0.1},
        {"optimizer": {"name": "sgd", "learning_rate": 0.1, "momentum": 0.5}},
        {"teacher": True},
    ],
)
def test_what_its_algebra_does_not_cover_is_trained_step_by_step(clouds, rng, choice):
    model = Model.build(clouds, rng=rng)
    choice = {"batch_size": 1, "epochs": 1, "optimizer": {"name": "sgd"}} | choice
    teacher = Teacher(Model.build(clouds, rng=rng)) if choice.pop("teacher", False) else None
    options, steps = TrainingOptions(**choice), []

    fit(model, clouds.x_train[:30], clouds.y_train[:30], options, rng=rng, teacher=teacher, on_step=steps.append)

    assert len(steps) == 30 / options.batch_size


@pytest.mark.parametrize("loss", ["huber", "mean_absolute_error", "mean_squared_error"])
def test_a_loss_that_has_no_kernel_is_asked_about_batches_of_one(rng, loss):
    x = rng.normal(size=(90, 4))
    data, ends = Dataset(x, x[:, :2] - 3 * x[:, 2:], x[:0], x[:0, :2], "regression", (), (4,), "plane"), []
    for kernels in (True, False):
        model = Model.build(data, loss=loss, rng=np.random.default_rng(1), dtype=np.float64, kernels=kernels)
        options = TrainingOptions(optimizer={"name": "sgd", "learning_rate": 0.01}, batch_size=1, epochs=1)
        fit(model, data.x_train, data.y_train, options, rng=np.random.default_rng(2))
        ends.append(weights(model))

    np.testing.assert_allclose(*ends, rtol=0, atol=1e-11)
