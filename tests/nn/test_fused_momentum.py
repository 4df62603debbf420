"""Momentum that is a sum in the gradients: the steps of the formula, and when it is used."""

import numpy as np
import pytest

from nn import LAYERS, Model, TrainingOptions, fit
from nn.dispatch import kernel_of, kernel_steps
from nn.kernels.fused_momentum import FusedMomentum, FusedMomentumSteps
from nn.layers import Dense, layer_from
from nn.network import Network
from nn.optimizers import SGD
from nn.training.regularization import Regularization
from nn.training.steps import BatchSteps
from tests.nn.conftest import weights

SMALL = [
    {"type": "conv2d", "filters": 3, "kernel": 2},
    {"type": "batch_norm"},
    {"type": "relu"},
    {"type": "flatten"},
    {"type": "dense", "units": 4},
    {"type": "tanh"},
    {"type": "dense", "units": 2},
]


def test_backpropagation_adds_a_gradient_onto_those_before(rng):
    network = Network([layer_from(config) for config in SMALL], (4, 4, 1), np.float64)
    network.initialize(rng)
    gradients = []
    for scale in (0.0, 0.0, 0.7):
        X, dZ = rng.normal(size=(5, 4, 4, 1)), rng.normal(size=(5, 2))
        network.forward(X, rng)
        for layer in network.layers:
            layer.scale = scale
        network.backward(dZ)
        gradients.append(network.gradients.copy())
    network.forward(X, rng)
    for layer in network.layers:
        layer.scale = 0.0
    network.backward(dZ)  # the last one again, and alone

    np.testing.assert_allclose(gradients[2], gradients[1] + 0.7 * network.gradients, rtol=1e-12, atol=1e-14)
    assert abs(gradients[1] - gradients[0]).max() > 0.1


@pytest.mark.parametrize("momentum", [0.9, 0.5, 0.01, 0.999])
def test_gradients_that_weigh_more_and_more_make_the_steps_of_the_formula(clouds, momentum):
    """Against the textbook's velocity, and against the same kernels with a velocity of their own (a far clipping)."""
    ends, states = {}, {}
    for kernels, clip_norm in ((True, None), (True, 1e9), (False, None)):
        rng = np.random.default_rng(2)
        model = Model.build(clouds, hidden_layers=[8], rng=rng, dtype=np.float64, kernels=kernels)
        options = TrainingOptions(
            optimizer=SGD(0.01, momentum=momentum), batch_size=32, epochs=30, weight_decay=0.01, clip_norm=clip_norm
        )
        fit(
            model,
            clouds.x_train,
            clouds.y_train,
            options,
            rng=rng,
            on_epoch=lambda report, case=(kernels, clip_norm): states.__setitem__(case, report.state()),
        )
        ends[kernels, clip_norm] = weights(model)
    fused = FusedMomentum(SGD(0.01, momentum=momentum))
    fused.start(np.zeros(1), np.zeros(1))
    u, steps = states[True, None].arrays["moment.sum"], states[True, None].facts["steps"]
    velocity = u * momentum ** (steps % fused.period)

    assert steps == 150
    assert fused.period == {0.9: 64, 0.5: 9, 0.01: 1, 0.999: 64}[momentum]
    assert abs(velocity).max() > 1e-3
    for other in ((True, 1e9), (False, None)):
        np.testing.assert_allclose(ends[True, None], ends[other], rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(velocity, states[True, 1e9].arrays["moment.velocity"], rtol=1e-9, atol=1e-11)


def test_after_a_training_gradients_are_written_over_again(clouds):
    rng = np.random.default_rng(2)
    model = Model.build(clouds, hidden_layers=[8], rng=rng)
    fit(model, clouds.x_train, clouds.y_train, TrainingOptions(epochs=1), rng=rng)
    X, dZ = clouds.x_train[:5].astype(np.float32), np.ones((5, 3), np.float32)
    gradients = []
    for _ in range(2):
        model.network.forward(X, rng)
        model.network.backward(dZ)
        gradients.append(model.network.gradients.copy())

    np.testing.assert_array_equal(*gradients)


class Own(Dense):
    """A layer that has no kernel."""

    kind = "own"


@pytest.mark.parametrize(
    ("options", "penalty", "layer", "fused"),
    [
        ({"momentum": 0.9}, {}, "dense", True),
        ({"momentum": 0.9}, {"weight_decay": 0.1}, "dense", True),
        ({"momentum": 0.9}, {"l2": 0.1}, "dense", False),
        ({"momentum": 0.9}, {"clip_norm": 1.0}, "dense", False),
        ({"momentum": 0.9, "nesterov": True}, {}, "dense", False),
        ({"momentum": 0.001}, {}, "dense", False),
        ({}, {}, "dense", False),
        ({"momentum": 0.9}, {}, "own", False),
    ],
)
def test_it_is_used_where_nothing_comes_between_a_gradient_and_the_step(monkeypatch, options, penalty, layer, fused):
    monkeypatch.setitem(LAYERS, "own", Own)
    network = Network([layer_from({"type": layer, "units": 3})], (4,))
    loss = kernel_of(Model.build(((4,), "classification", "abc"), rng=np.random.default_rng(0)).make_loss())
    steps = BatchSteps(network, loss, SGD(0.1, **options), Regularization(**penalty), 8, lambda _: 0.1, None)

    assert isinstance(kernel_steps(steps), FusedMomentumSteps) is fused


def test_sums_that_have_died_away_are_zeroed_not_kept_as_denormal_numbers():
    optimizer = FusedMomentum(SGD(0.1, momentum=0.5))
    optimizer.start(np.zeros(3, np.float32), np.zeros(3, np.float32))
    optimizer.moments["sum"][...] = [1.0, 1e-20, 0.0]
    for _ in range(128):
        optimizer.step(0.1)

    assert (optimizer.moments["sum"] == 0).all()
