"""The exact blocked path: block by block it does what the plain path does step by step."""

import numpy as np
import pytest

from nn import Model, SpecError, fit


def trained(data, *, blocked, bias=True, hidden=(12, 7), activation="relu", schedule=None, rows=150):
    rng = np.random.default_rng(5)
    model = Model.build(data, hidden_layers=list(hidden), activation=activation, bias=bias, rng=rng, dtype=np.float64)
    history = fit(
        model, data.x_train[:rows], data.y_train[:rows], optimizer={"name": "sgd", "learning_rate": 0.05},
        schedule=schedule, batch_size=1, epochs=2, rng=rng, blocked=blocked,
    )  # fmt: skip
    return model, history


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("hidden", [(12, 7), (5,), ()])
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "gelu"])
def test_blocked_path_equals_plain_path(clouds, bias, hidden, activation):
    blocked, told = trained(clouds, blocked=True, bias=bias, hidden=hidden, activation=activation)
    plain, expected = trained(clouds, blocked=False, bias=bias, hidden=hidden, activation=activation)

    np.testing.assert_allclose(blocked.network.parameters, plain.network.parameters, rtol=0, atol=1e-11)
    assert told.epochs[-1].train_loss == pytest.approx(expected.epochs[-1].train_loss, abs=1e-11)
    assert told.epochs[-1].train_accuracy == expected.epochs[-1].train_accuracy


def test_blocked_path_follows_a_schedule_within_a_block(clouds):
    schedule = {"name": "exponential", "gamma": 0.1}

    blocked, _ = trained(clouds, blocked=True, schedule=schedule)
    plain, _ = trained(clouds, blocked=False, schedule=schedule)

    np.testing.assert_allclose(blocked.network.parameters, plain.network.parameters, rtol=0, atol=1e-11)


@pytest.mark.parametrize("rows", [1, 63, 64, 65])
def test_blocks_that_are_not_full_are_exact_too(clouds, rows):
    blocked, _ = trained(clouds, blocked=True, rows=rows)
    plain, _ = trained(clouds, blocked=False, rows=rows)

    np.testing.assert_allclose(blocked.network.parameters, plain.network.parameters, rtol=0, atol=1e-11)


@pytest.mark.parametrize(
    "choice",
    [{"batch_size": 2}, {"weight_decay": 0.1}, {"optimizer": {"name": "sgd", "learning_rate": 0.1, "momentum": 0.5}}],
)
def test_forcing_the_blocked_path_where_it_is_not_exact_is_refused(clouds, rng, choice):
    model = Model.build(clouds, rng=rng)
    choice = {"batch_size": 1, "optimizer": {"name": "sgd", "learning_rate": 0.1}} | choice

    with pytest.raises(SpecError, match="blocked"):
        fit(model, clouds.x_train, clouds.y_train, blocked=True, rng=rng, **choice)
