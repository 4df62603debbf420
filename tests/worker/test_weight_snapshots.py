"""How the first layer grew is kept small, bounded, and close to what it was."""

import numpy as np
import pytest
from safetensors.numpy import load

import nn
from worker.training.weight_snapshots import MOST_COPIES, MOST_UNITS, WeightSnapshots


def model(**choices: object) -> nn.Model:
    shape = ((8, 8), "classification", ["a", "b"])
    return nn.Model.build(shape, rng=np.random.default_rng(1), **choices)


def test_copies_are_close_to_the_weights_at_their_epoch() -> None:
    network = model(hidden_layers=[40])
    growth = WeightSnapshots(network)
    W = dict(network.network.tensors())["0.weight"]
    first = W.copy()

    growth.take(0)
    W *= 2
    growth.take(1)

    told = load(growth.to_bytes())
    copies = told["weights"] * told["scales"][:, None, None]
    assert growth.epochs == [0, 1]
    assert copies.shape == (2, MOST_UNITS, 64)
    for copy, weights in zip(copies, (first, 2 * first), strict=True):
        np.testing.assert_allclose(copy, weights[:MOST_UNITS], atol=np.abs(weights).max() / 127)


@pytest.mark.parametrize("epochs", [5, 60, 1000])
def test_long_trainings_keep_copies_from_all_their_length(epochs: int) -> None:
    growth = WeightSnapshots(model(hidden_layers=[3]))

    for epoch in range(epochs + 1):
        growth.take(epoch)

    assert growth.epochs[0] == 0
    assert growth.epochs[-1] > epochs / 2
    assert min(epochs, MOST_COPIES // 2) <= len(growth.epochs) <= MOST_COPIES
    assert len(set(np.diff(growth.epochs))) == 1


def test_a_first_layer_of_filters_has_none() -> None:
    growth = WeightSnapshots(model(layers=[{"type": "conv2d", "filters": 2, "kernel": 3}]))

    growth.take(0)

    assert growth.epochs == []
