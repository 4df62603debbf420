"""Every layer, loss and their combinations: backpropagation against central differences, in float64."""

import numpy as np
import pytest

from nn.activations import ACTIVATIONS
from nn.dispatch import kernel_of
from nn.layers import layer_from
from nn.losses import LOSSES, loss_from
from nn.losses.members import EachMember
from nn.network import Network
from tests.nn.conftest import gradient_error

TOLERANCE = 1e-6
COMBINATIONS = [(name, task) for name, loss in LOSSES.items() for task in loss.output]


@pytest.fixture(params=[False, True], ids=["textbook", "kernels"])
def kernels(request):
    return request.param


def network_of(layers, input_shape, rng, kernels):
    network = Network([layer_from(config) for config in layers], input_shape, np.float64, kernels=kernels)
    network.initialize(rng)
    network.parameters += 0.1 * rng.normal(size=network.parameters.shape)  # no bias is left at its special value 0
    return network


def loss_of(config, task, classes, kernels):
    loss = loss_from(config, task, classes)
    return kernel_of(loss) if kernels else loss


def data_for(loss_name, task, rng, rows=6):
    classes = 2 if loss_name == "binary_cross_entropy" else 4
    outputs = 1 if loss_name == "binary_cross_entropy" else classes
    targets = rng.integers(0, classes, rows)
    if task == "regression":  # both signs of error, and none near 0, where the absolute error has no slope
        targets = rng.normal(size=(rows, outputs)) + rng.choice([-9, 9], (rows, outputs))
    return rng.normal(size=(rows, 5)), targets, classes, outputs


@pytest.mark.parametrize(("loss_name", "task"), COMBINATIONS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_equals_central_differences_for_each_activation_and_loss(loss_name, task, activation, rng, kernels):
    X, targets, classes, outputs = data_for(loss_name, task, rng)
    layers = [{"type": "dense", "units": 8}, {"type": activation}, {"type": "dense", "units": outputs}]
    network = network_of(layers, (5,), rng, kernels)

    assert gradient_error(network, loss_of(loss_name, task, classes, kernels), X, targets) < TOLERANCE


@pytest.mark.parametrize(
    "config",
    [
        {"name": "cross_entropy", "label_smoothing": 0.1},
        {"name": "cross_entropy", "class_weights": [1.0, 0.2, 3.0, 2.0]},
        {"name": "cross_entropy", "class_weights": [1.0, 0.2, 3.0, 2.0], "label_smoothing": 0.3},
    ],
)
def test_gradient_equals_central_differences_with_the_options_of_cross_entropy(config, rng, kernels):
    X, targets, classes, outputs = data_for("cross_entropy", "classification", rng)
    network = network_of([{"type": "dense", "units": outputs}], (5,), rng, kernels)

    assert gradient_error(network, loss_of(config, "classification", classes, kernels), X, targets) < TOLERANCE


@pytest.mark.parametrize("delta", [9.0, 100.0])
def test_huber_gradient_equals_central_differences_on_both_sides_of_delta(delta, rng):
    X, targets, classes, outputs = data_for("huber", "regression", rng)
    network = network_of([{"type": "dense", "units": outputs}], (5,), rng, kernels)

    loss = loss_of({"name": "huber", "delta": delta}, "regression", classes, kernels)

    assert gradient_error(network, loss, X, targets) < TOLERANCE


@pytest.mark.parametrize("bias", [True, False])
def test_gradient_equals_central_differences_through_dropout_and_without_biases(bias, rng, kernels):
    X, targets, classes, outputs = data_for("cross_entropy", "classification", rng)
    layers = [
        {"type": "dense", "units": 9, "bias": bias},
        {"type": "tanh"},
        {"type": "dropout", "rate": 0.4},
        {"type": "dense", "units": 6, "bias": bias},
        {"type": "silu"},
        {"type": "dense", "units": outputs},
    ]
    network = network_of(layers, (5,), rng, kernels)

    assert gradient_error(network, loss_of("cross_entropy", "classification", classes, kernels), X, targets) < TOLERANCE


IMAGE_NETWORKS = {
    "convolution": [{"type": "conv2d", "filters": 3, "kernel": 3}, {"type": "tanh"}],
    "two convolutions": [
        {"type": "conv2d", "filters": 3, "kernel": 3},
        {"type": "silu"},
        {"type": "conv2d", "filters": 4, "kernel": 2, "bias": False},
        {"type": "tanh"},
    ],
    "stride": [
        {"type": "conv2d", "filters": 2, "kernel": 2},
        {"type": "conv2d", "filters": 3, "kernel": 3, "stride": 2},
    ],
    "padding": [
        {"type": "conv2d", "filters": 2, "kernel": 2},
        {"type": "conv2d", "filters": 3, "kernel": 3, "padding": 2, "stride": 2},
    ],
    "max pooling": [{"type": "conv2d", "filters": 3, "kernel": 2}, {"type": "max_pool2d", "size": 2}, {"type": "tanh"}],
    "average pooling": [{"type": "conv2d", "filters": 3, "kernel": 2}, {"type": "average_pool2d", "size": 3}],
    "batch normalisation of images": [
        {"type": "conv2d", "filters": 3, "kernel": 3},
        {"type": "batch_norm"},
        {"type": "gelu"},
        {"type": "max_pool2d"},
    ],
}


@pytest.mark.parametrize("layers", IMAGE_NETWORKS.values(), ids=IMAGE_NETWORKS)
@pytest.mark.parametrize("loss_name", ["cross_entropy", "mean_squared_error"])
def test_gradient_equals_central_differences_for_images(layers, loss_name, rng, kernels):
    """The images are 8×7 with two channels; pooling leaves pixels over."""
    images, targets = rng.normal(size=(5, 8, 7, 2)), rng.integers(0, 4, 5)
    network = network_of([*layers, {"type": "flatten"}, {"type": "dense", "units": 4}], (8, 7, 2), rng, kernels)

    assert gradient_error(network, loss_of(loss_name, "classification", 4, kernels), images, targets) < TOLERANCE


def test_gradient_equals_central_differences_through_batch_normalisation(rng, kernels):
    X, targets, classes, outputs = data_for("cross_entropy", "classification", rng)
    layers = [
        {"type": "dense", "units": 7},
        {"type": "batch_norm"},
        {"type": "relu"},
        {"type": "dense", "units": 6},
        {"type": "batch_norm", "momentum": 0.5},
        {"type": "tanh"},
        {"type": "dense", "units": outputs},
    ]
    network = network_of(layers, (5,), rng, kernels)

    assert gradient_error(network, loss_of("cross_entropy", "classification", classes, kernels), X, targets) < TOLERANCE


@pytest.mark.parametrize(("loss_name", "task"), COMBINATIONS)
def test_gradient_equals_central_differences_for_an_ensemble(loss_name, task, rng, kernels):
    """Embeddings, then members over shared weights, then with weights of their own, each with a loss of its own."""
    X, targets, classes, outputs = data_for(loss_name, task, rng)
    layers = [
        {"type": "dense", "units": 7},
        {"type": "embedding", "units": 2, "widths": [3, 1, 3]},
        {"type": "members", "count": 3},
        {"type": "dense", "units": 6},
        {"type": "batch_norm"},
        {"type": "tanh"},
        {"type": "member_dense", "units": 5},
        {"type": "silu"},
        {"type": "member_dense", "units": outputs},
    ]
    network = network_of(layers, (5,), rng, kernels)

    assert gradient_error(network, EachMember(loss_of(loss_name, task, classes, kernels)), X, targets) < TOLERANCE


def test_a_wrong_gradient_would_be_seen(rng):
    """The checker itself: a slope that is 1 % off is far outside the tolerance."""
    X, targets, classes, outputs = data_for("cross_entropy", "classification", rng)
    layers = [{"type": "dense", "units": 8}, {"type": "tanh"}, {"type": "dense", "units": outputs}]
    network = network_of(layers, (5,), rng, kernels=True)
    tanh = network.layers[1].in_place

    def off(x, y, slope):
        tanh(x, y, slope)
        slope *= 1.01

    network.layers[1].in_place = off

    assert gradient_error(network, loss_from("cross_entropy", "classification", classes), X, targets) > 1e-4
