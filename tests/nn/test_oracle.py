"""The exact paths against the article's plain loop."""

import numpy as np
import pytest

from nn import Model, TrainingOptions, fit
from tests.support import oracle


@pytest.mark.parametrize("loss", ["mean_squared_error", "cross_entropy"])
@pytest.mark.parametrize("kernels", [True, False])
def test_500_steps_of_batch_one_agree_with_the_articles_loop_in_every_weight(mnist, loss, kernels):
    rng = np.random.default_rng(42)
    model = Model.build(
        mnist, activation="sigmoid", initializer="article", bias=False, loss=loss, rng=rng, kernels=kernels
    )
    weights = [layer.W.copy() for layer in model.network.layers[::2]]
    before = model.network.parameters.copy()
    x, y = mnist.x_train[:500], mnist.y_train[:500]

    fit(
        model,
        x,
        y,
        TrainingOptions(optimizer={"name": "sgd", "learning_rate": 0.1}, batch_size=1, epochs=1, shuffle=False),
        rng=rng,
    )
    oracle.train(weights, (x / 255).astype(np.float32), y, learning_rate=0.1, loss=loss)

    assert np.abs(model.network.parameters - before).max() > 0.01, "nothing was learned, so nothing was compared"
    for layer, expected in zip(model.network.layers[::2], weights, strict=True):
        assert np.abs(layer.W - expected).max() < 1e-5


def test_the_diagonal_of_the_jacobian_is_not_the_gradient(rng):
    """What the article leaves out is large: its step differs from the exact one in the first image already."""
    images, labels = rng.random((1, 6)), np.array([1])
    start = [rng.normal(size=(4, 6)), rng.normal(size=(3, 4))]
    exact, diagonal = [W.copy() for W in start], [W.copy() for W in start]

    oracle.train(exact, images, labels, learning_rate=1.0)
    oracle.train(diagonal, images, labels, learning_rate=1.0, jacobian="diagonal")

    assert np.abs(exact[1] - diagonal[1]).max() > 1e-3
