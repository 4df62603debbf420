"""What every row of every table can do. A new row is taken by these tests as it is; nothing here names one."""

import itertools
import math
from typing import Any

import numpy as np
import pytest

from nn import ACTIVATIONS, LAYERS, LOSSES, METRICS, OPTIMIZERS, SCHEDULES, Dataset, Model, TrainingState
from nn.errors import SpecError
from nn.formats import load, save
from nn.layers import Flatten, layer_from
from nn.losses import loss_from
from nn.network import Network
from nn.options import REQUIRED, Declared
from nn.training import TrainingOptions, fit
from nn.training.regularization import REGULARIZERS
from tests.nn.conftest import gradient_error

EPOCHS = 3


def needed(row: type[Declared]) -> dict[str, Any]:
    """Values of the options that a row must be given."""
    values = {int: 2, float: 0.25, bool: True}
    return {name: values[option.kind] for name, option in row.options.items() if option.default is REQUIRED}


def listed(kind: str) -> dict[str, Any]:
    """A layer of this kind in a specification."""
    return {"type": kind} | (needed(LAYERS[kind]) if kind in LAYERS else {})


def shape_for(kind: str) -> tuple[int, ...]:
    """One row that the layer takes."""
    return (6, 6, 2) if kind in LAYERS and LAYERS[kind].takes == "images" else (5,)


def data(task: str, shape: tuple[int, ...] = (4,), classes: int = 3) -> Dataset:
    """Rows with a target that can be learned."""
    rng = np.random.default_rng(11)
    x = rng.normal(size=(60, math.prod(shape)))
    seen = x[:, :3].sum(axis=1)
    if task == "regression":
        return Dataset(x, seen[:, None], x[:9], seen[:9, None], task, (), shape, "rows")
    y = np.digitize(seen, np.quantile(seen, np.arange(1, classes) / classes))
    return Dataset(x, y, x[:9], y[:9], task, tuple("abcde"[:classes]), shape, "rows")


@pytest.mark.parametrize("kind", [*LAYERS, *ACTIVATIONS])
def test_a_layers_gradient_is_that_of_central_differences(kind: str, rng: np.random.Generator) -> None:
    last = layer_from({"type": "dense", "units": 3})
    network = Network([layer_from(listed(kind)), Flatten(), last], shape_for(kind), np.float64)
    network.initialize(rng)
    network.parameters += 0.1 * rng.normal(size=network.parameters.shape)
    X = rng.normal(size=(7, *shape_for(kind)))

    assert gradient_error(network, loss_from("cross_entropy", "classification", 3), X, np.arange(7) % 3) < 1e-6


@pytest.mark.parametrize("kind", [*LAYERS, *ACTIVATIONS])
def test_a_layer_is_saved_and_loaded_to_the_bit_and_leaves_as_onnx_or_says_that_it_cannot(
    kind: str, rng: np.random.Generator
) -> None:
    rows = data("classification", shape_for(kind))
    model = Model.build(rows, layers=[listed(kind)], rng=rng)

    again = load(save(model))

    assert again.predict_probabilities(rows.x_test).tobytes() == model.predict_probabilities(rows.x_test).tobytes()
    try:
        assert save(model, "onnx")
    except SpecError as error:
        assert f"got {kind!r}" in str(error)  # noqa: PT017  # an export is as good


LOSS_ROWS = [(name, task) for name, row in LOSSES.items() for task in row.output]


@pytest.mark.parametrize(("name", "task"), LOSS_ROWS)
def test_a_loss_has_the_gradient_of_central_differences_and_can_be_learned_from(name: str, task: str) -> None:
    rows = data(task, classes=LOSSES[name].classes or 3)
    model = Model.build(rows, hidden_layers=[6], loss=name, rng=np.random.default_rng(1), dtype=np.float64)
    X, targets = rows.x_train.reshape(60, -1), model.check_targets(rows.y_train, 60)
    assert gradient_error(model.network, loss_from(name, task, len(rows.classes)), X, targets) < 1e-5
    before = model.evaluate(rows.x_train, rows.y_train)["loss"]

    fit(model, rows.x_train, rows.y_train, TrainingOptions(epochs=20, batch_size=20), rng=np.random.default_rng(2))

    assert model.evaluate(rows.x_train, rows.y_train)["loss"] < before


CHOICES = {
    **{f"optimizer {name}": {"optimizer": {"name": name} | needed(row)} for name, row in OPTIMIZERS.items()},
    **{f"schedule {name}": {"schedule": {"name": name} | needed(row)} for name, row in SCHEDULES.items()},
    **{f"regularizer {name}": {name: 0.01} for name in REGULARIZERS},
}


@pytest.mark.parametrize("choices", CHOICES.values(), ids=CHOICES)
def test_a_training_goes_on_from_a_state_to_the_same_bits(choices: dict[str, Any]) -> None:
    rows, states = data("classification"), {}

    def trained(seed: int, **more: Any) -> bytes:
        model = Model.build(rows, hidden_layers=[6], rng=np.random.default_rng(1))
        options = TrainingOptions(epochs=EPOCHS, batch_size=20, **choices)
        fit(model, rows.x_train, rows.y_train, options, rng=np.random.default_rng(seed), **more)
        return model.network.parameters.tobytes()

    whole = trained(2, on_epoch=lambda report: states.update({report.epoch: report.state().to_bytes()}))
    states_left = dict(itertools.islice(states.items(), EPOCHS - 1))

    assert {trained(99, state=TrainingState.from_bytes(state)) for state in states_left.values()} == {whole}


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_a_finite_number_and_best_where_nothing_is_wrong(name: str, rng: np.random.Generator) -> None:
    metric = METRICS[name]
    if metric.task == "regression":
        truth = rng.normal(size=(30, 1))
        right, wrong = truth, truth + rng.normal(size=truth.shape)
    else:
        truth = np.arange(30) % 5
        right = 0.9 * np.eye(5)[truth] + 0.02
        wrong = rng.dirichlet(np.ones(5), 30)

    best, other = metric(truth, right), metric(truth, wrong)

    assert np.isfinite([best, other]).all()
    assert best > other if metric.better == "higher" else best < other
