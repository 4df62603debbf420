"""Optimizers against their written formulas, from a state that is not zero; what comes between gradient and step."""

import numpy as np
import pytest

from nn import Model, SpecError, TrainingOptions, fit
from nn.optimizers import optimizer_from

N = 7


def stepped(config, theta, gradients, **moments):
    """θ and the moments after a step with each gradient, from given moments, after 4 earlier steps."""
    optimizer = optimizer_from(config)
    theta = theta.copy()
    gradient = np.empty_like(theta)
    optimizer.start(theta, gradient)
    assert optimizer.moments.keys() == moments.keys()
    for name, value in moments.items():
        optimizer.moments[name][...] = value
    optimizer.steps = 4
    for g in gradients:
        gradient[...] = g
        optimizer.step(optimizer.learning_rate)
    return theta, optimizer.moments


@pytest.fixture
def numbers(rng):
    return rng.normal(size=N), [rng.normal(size=N) for _ in range(3)], rng.normal(size=N)


def test_sgd(numbers):
    theta, gradients, _ = numbers

    after, _ = stepped({"name": "sgd", "learning_rate": 0.1}, theta, gradients)

    np.testing.assert_allclose(after, theta - 0.1 * sum(gradients))


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum(numbers, nesterov):
    theta, gradients, v = numbers
    config = {"name": "sgd", "learning_rate": 0.1, "momentum": 0.8, "nesterov": nesterov}

    after, moments = stepped(config, theta, gradients, velocity=v)

    for g in gradients:
        v = 0.8 * v + g
        theta = theta - 0.1 * (g + 0.8 * v if nesterov else v)
    np.testing.assert_allclose(after, theta)
    np.testing.assert_allclose(moments["velocity"], v)


def test_adagrad(numbers):
    theta, gradients, _ = numbers
    G = np.full(N, 0.3)

    after, _ = stepped({"name": "adagrad", "learning_rate": 0.1, "epsilon": 1e-3}, theta, gradients, squares=G)

    for g in gradients:
        G = G + g**2
        theta = theta - 0.1 * g / (np.sqrt(G) + 1e-3)
    np.testing.assert_allclose(after, theta)


def test_rmsprop(numbers):
    theta, gradients, _ = numbers
    G = np.full(N, 0.3)
    config = {"name": "rmsprop", "learning_rate": 0.1, "rho": 0.8, "epsilon": 1e-3}

    after, _ = stepped(config, theta, gradients, squares=G)

    for g in gradients:
        G = 0.8 * G + 0.2 * g**2
        theta = theta - 0.1 * g / (np.sqrt(G) + 1e-3)
    np.testing.assert_allclose(after, theta)


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_adam(numbers, name):
    theta, gradients, m = numbers
    v = np.full(N, 0.3)
    config = {"name": name, "learning_rate": 0.1, "beta1": 0.8, "beta2": 0.9, "epsilon": 1e-3}

    after, _ = stepped(config, theta, gradients, m=m, v=v)

    for t, g in enumerate(gradients, start=5):
        m = 0.8 * m + 0.2 * g
        v = 0.9 * v + 0.1 * g**2
        theta = theta - 0.1 * (m / (1 - 0.8**t)) / (np.sqrt(v / (1 - 0.9**t)) + 1e-3)
    np.testing.assert_allclose(after, theta)


def test_a_later_training_forgets_the_velocities_of_an_earlier_one(clouds):
    ends = []
    for trainings in (1, 2):
        model = Model.build(clouds, hidden_layers=[8], rng=np.random.default_rng(2))
        first = model.network.parameters.copy()
        for _ in range(trainings):
            model.network.parameters[...] = first
            fit(
                model,
                clouds.x_train,
                clouds.y_train,
                TrainingOptions(batch_size=32, epochs=2),
                rng=np.random.default_rng(3),
            )
        ends.append(model.network.parameters)
    np.testing.assert_array_equal(*ends)


def regularized(clouds, **choices):
    """The parameters after one step of SGD on all rows, and those before it."""
    rng = np.random.default_rng(2)
    model = Model.build(clouds, hidden_layers=[3], rng=rng, dtype=np.float64)
    before = model.network.parameters.copy()
    fit(
        model,
        clouds.x_train,
        clouds.y_train,
        TrainingOptions(optimizer={"name": "sgd", "learning_rate": 0.1}, batch_size=150, epochs=1, **choices),
        rng=rng,
    )
    return before, model.network.parameters, model.network.decayed


def test_weight_decay_is_decoupled_and_spares_the_biases(clouds):
    before, plain, weights = regularized(clouds)
    _, decayed, _ = regularized(clouds, weight_decay=0.5)

    expected = plain.copy()
    expected[weights] -= 0.1 * 0.5 * before[weights]
    np.testing.assert_allclose(decayed, expected, rtol=0, atol=1e-14)


def test_adamw_brings_its_own_weight_decay_and_takes_it_once(clouds):
    rng = np.random.default_rng(2)
    results = {}
    for name in ("adam", "adamw"):
        model = Model.build(clouds, hidden_layers=[3], rng=np.random.default_rng(2), dtype=np.float64)
        before = model.network.parameters.copy()
        fit(
            model,
            clouds.x_train,
            clouds.y_train,
            TrainingOptions(optimizer={"name": name, "learning_rate": 0.1}, batch_size=150, epochs=1, shuffle=False),
            rng=rng,
        )
        results[name] = model.network.parameters.copy()
    weights = model.network.decayed

    np.testing.assert_allclose((results["adam"] - results["adamw"])[weights], 0.1 * 0.01 * before[weights], atol=1e-12)
    with pytest.raises(SpecError, match="weight_decay: expected it once"):
        fit(
            model,
            clouds.x_train,
            clouds.y_train,
            TrainingOptions(optimizer={"name": "adamw"}, weight_decay=0.1),
            rng=rng,
        )


def test_penalties_join_the_gradient(clouds):
    before, plain, weights = regularized(clouds)
    _, penalised, _ = regularized(clouds, l1=0.3, l2=0.2)

    expected = plain.copy()
    expected[weights] -= 0.1 * (0.3 * np.sign(before[weights]) + 0.2 * before[weights])
    np.testing.assert_allclose(penalised, expected, rtol=0, atol=1e-14)


def test_penalties_join_the_loss(clouds):
    rng = np.random.default_rng(2)
    losses = []
    for choices in ({}, {"l1": 0.3, "l2": 0.2}):
        rng = np.random.default_rng(2)
        model = Model.build(clouds, hidden_layers=[3], rng=rng, dtype=np.float64)
        W = model.network.parameters[model.network.decayed].copy()
        losses.append(
            fit(
                model, clouds.x_train, clouds.y_train, TrainingOptions(batch_size=150, epochs=1, **choices), rng=rng
            ).epochs[0]
        )

    penalty = 0.3 * np.abs(W).sum() + 0.1 * (W**2).sum()
    assert losses[1].train_loss - losses[0].train_loss == pytest.approx(penalty)


def test_clipping_scales_a_long_gradient_down_to_the_norm(clouds):
    before, plain, _ = regularized(clouds)
    _, clipped, _ = regularized(clouds, clip_norm=0.01)
    _, untouched, _ = regularized(clouds, clip_norm=1e6)

    step = plain - before
    np.testing.assert_allclose(clipped - before, step * 0.1 * 0.01 / np.linalg.norm(step), rtol=1e-9)
    np.testing.assert_array_equal(untouched, plain)
