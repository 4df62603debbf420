"""The exact blocked path: block by block it does what the plain path does step by step."""

import numpy as np
import pytest

from nn import LOSSES, Model, TrainingOptions, fit
from nn.losses.cross_entropy import CrossEntropy
from tests.nn.conftest import weights


def trained(data, *, kernels, bias=True, hidden=(12, 7), activation="relu", schedule=None, rows=150):
    rng = np.random.default_rng(5)
    model = Model.build(data, hidden_layers=list(hidden), activation=activation, bias=bias, rng=rng, dtype=np.float64,
                        kernels=kernels)  # fmt: skip
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
        {"loss": {"name": "of somebody else"}},
    ],
)
def test_what_its_algebra_does_not_cover_is_trained_step_by_step(clouds, rng, choice, monkeypatch):
    class Own(CrossEntropy):
        kind = "of somebody else"

    monkeypatch.setitem(LOSSES, Own.kind, Own)
    model = Model.build(clouds, rng=rng)
    options = TrainingOptions(**{"batch_size": 1, "epochs": 1, "optimizer": {"name": "sgd"}} | choice)
    steps = []

    fit(model, clouds.x_train[:30], clouds.y_train[:30], options, rng=rng, on_step=steps.append)

    assert len(steps) == 30 / options.batch_size
