"""What the tests of nn share: generators with fixed seeds, MNIST read once, gradients by central differences."""

import numpy as np
import pytest

from nn import Dataset, Model
from nn.arrays import AnyArray, Array
from nn.datasets import load
from nn.losses import Loss
from nn.network import Network


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    return load("mnist")


@pytest.fixture
def clouds(rng: np.random.Generator) -> Dataset:
    """Three clouds in four dimensions that a small network separates; 150 rows of float64 and 30 to test."""
    centres = rng.normal(0, 3, (3, 4))
    y = np.arange(180) % 3
    x = centres[y] + rng.normal(0, 1, (180, 4))
    return Dataset(x[:150], y[:150], x[150:], y[150:], "classification", ("a", "b", "c"), (4,), "clouds")


def weights(model: Model) -> Array:
    """All tensors of a model, one after the other: with kernels and without the same numbers in the same order."""
    return np.concatenate([tensor.ravel() for _, tensor in model.network.tensors()])


def gradient_error(
    network: Network, loss: Loss, X: Array, targets: AnyArray, *, seed: int = 3, step: float = 1e-5, directions: int = 4
) -> float:
    """The largest relative error of ∂L/∂θ, backpropagated, against central differences along random directions.

    The same generator state before each forward pass makes dropout draw the same mask.
    """

    def value() -> tuple[float, Array]:
        return loss(network.forward(X, np.random.default_rng(seed)), targets)

    network.backward(value()[1])
    gradient, theta = network.gradients.copy(), network.parameters.copy()
    rng, worst = np.random.default_rng(seed + 1), 0.0
    for _ in range(directions):
        direction = rng.normal(size=theta.shape)
        network.parameters[...] = theta + step * direction
        above, _ = value()
        network.parameters[...] = theta - step * direction
        below, _ = value()
        network.parameters[...] = theta
        numeric, exact = (above - below) / (2 * step), float(gradient @ direction)
        worst = max(worst, abs(numeric - exact) / max(abs(numeric), abs(exact), 1e-8))
    return worst
