"""States of trainings that version 0.1.0 has written are finished by this one.

Each file is a state in the middle of the third epoch of four, and beside it, as `after.…`, the weights with which 0.1.0
ended. Made at its last commit by `fit` with the options below, and what `resumed` has.
"""

from pathlib import Path

import numpy as np
import pytest

from nn import Model, TrainingOptions, TrainingState, fit
from nn.errors import FormatError

FOLDER = Path(__file__).parent / "states_of_0_1_0"
SGD = {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9}
OPTIONS = {
    "momentum": {"optimizer": SGD},
    "nesterov": {"optimizer": {**SGD, "nesterov": True}, "clip_norm": 1.0},
    "batch_of_one": {"optimizer": {"name": "sgd", "learning_rate": 0.01}, "batch_size": 1},
    "adam": {"optimizer": {"name": "adam", "learning_rate": 0.01}, "early_stopping": {"patience": 4}},
    "adamw": {"optimizer": {"name": "adamw", "learning_rate": 0.01}, "schedule": "reduce_on_plateau"},
    "adagrad": {"optimizer": {"name": "adagrad"}},
    "rmsprop": {"optimizer": {"name": "rmsprop"}},
}


def resumed(clouds, name, state, **choices):
    rng = np.random.default_rng(99)
    dropout = 0.0 if name == "batch_of_one" else 0.2
    model = Model.build(clouds, hidden_layers=[8], dropout=dropout, rng=rng, **choices)
    options = TrainingOptions(**{"epochs": 4, "batch_size": 32} | OPTIONS[name])
    validation = (clouds.x_test, clouds.y_test)
    history = fit(model, clouds.x_train, clouds.y_train, options, validation=validation, rng=rng, state=state)
    return model, history


@pytest.mark.parametrize("name", OPTIONS)
def test_a_state_is_finished_to_the_same_weights(clouds, name):
    state = TrainingState.from_bytes((FOLDER / f"{name}.npz").read_bytes())

    model, history = resumed(clouds, name, state)

    assert [report.epoch for report in history.epochs] == [3, 4]
    for tensor, array in model.network.tensors():
        np.testing.assert_allclose(array, state.arrays[f"after.{tensor}"], rtol=1e-5, atol=1e-6, err_msg=tensor)


def test_the_textbook_lays_weights_out_otherwise_and_says_so(clouds):
    state = TrainingState.from_bytes((FOLDER / "rmsprop.npz").read_bytes())

    with pytest.raises(FormatError, match="training state: expected one with kernels=False, got True"):
        resumed(clouds, "rmsprop", state, kernels=False)
