"""What a network may take for one row: the same bounds for a spec and for a model from outside."""

import time
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

import nn
from nn.errors import FormatError, SpecError
from nn.formats.state_dict import completed
from nn.layers import Conv2D, Dense, Flatten, layer_from
from nn.network import MAX_ACTIVATIONS, ROWS_AT_ONCE, Network
from worker.jobspec.choices import Layer as LayerSpec


def convolution(**options: Any) -> dict[str, Any]:
    return {"type": "conv2d", "filters": 8, "kernel": 1} | options


@pytest.mark.parametrize(
    ("layer", "input_shape", "numbers"),
    [
        (Dense(5), (3,), 3 + 5),
        (Conv2D(4, 3), (6, 6, 2), 72 + 4 * 4 * (9 * 2) + 4 * 4 * 4),
        (Conv2D(4, 3, padding=1), (6, 6, 2), 72 + 8 * 8 * 2 + 6 * 6 * (9 * 2) + 6 * 6 * 4),
        (Flatten(), (6, 6, 2), 72 + 72),
    ],
)
def test_the_numbers_between_the_layers_are_counted(layer: Any, input_shape: tuple[int, ...], numbers: int) -> None:
    assert Network([layer], input_shape).activations == numbers


def test_a_network_that_would_lay_out_too_much_for_a_row_is_refused() -> None:
    with pytest.raises(SpecError, match=f"at most {MAX_ACTIVATIONS} numbers between the layers for one row"):
        Network([Conv2D(64, 1, padding=1000)], (28, 28, 1))


def test_a_network_that_would_compute_for_seconds_for_a_row_is_refused() -> None:
    with pytest.raises(SpecError, match="multiplications for one row"):
        Network([Conv2D(8192, 64)], (96, 96, 1))


@pytest.mark.parametrize(("filters", "padding", "rows"), [(1, 0, ROWS_AT_ONCE), (8, 100, 128), (8, 1000, 1)])
def test_a_pass_takes_fewer_rows_where_a_row_takes_more(filters: int, padding: int, rows: int) -> None:
    network = Network([Conv2D(filters, 1, padding=padding)], (28, 28, 1))

    assert network.rows_at_once == rows
    assert rows * network.activations <= MAX_ACTIVATIONS


def test_rows_are_the_same_in_a_pass_of_few_and_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    model = nn.Model.build(
        ((6, 6), "classification", "ab"), layers=[convolution(kernel=3)], rng=np.random.default_rng(1)
    )
    x = np.random.default_rng(2).normal(size=(50, 36)).astype(np.float32)
    whole = model.predict_probabilities(x)

    monkeypatch.setattr("nn.network.MAX_ACTIVATIONS", 7 * model.network.activations)

    assert model.network.rows_at_once == 7
    np.testing.assert_allclose(model.predict_probabilities(x), whole, atol=1e-6)


def test_a_models_memory_counts_the_buffers_of_its_passes() -> None:
    model = nn.Model.build(
        ((28, 28), "classification", "ab"), layers=[convolution(padding=20)], rng=np.random.default_rng(1)
    )
    before = model.nbytes

    model.predict(np.zeros((8, 784), np.float32))

    assert before >= 4 * model.parameter_count
    assert model.nbytes - before > 8 * 4 * (model.network.activations - 28 * 28)


@pytest.mark.parametrize(
    "layer",
    [
        convolution(padding=1025),
        convolution(kernel=1025),
        convolution(stride=1025),
        convolution(filters=8193),
        {"type": "max_pool2d", "size": 1025},
        {"type": "average_pool2d", "size": 1025},
    ],
)
def test_what_a_spec_may_not_say_no_architecture_may(layer: dict[str, Any]) -> None:
    [(option, value)] = [(name, value) for name, value in layer.items() if isinstance(value, int) and value > 1000]

    with pytest.raises(SpecError, match=f"{option}: expected a whole number of at most {value - 1}"):
        layer_from(layer)
    with pytest.raises(ValidationError):
        TypeAdapter(LayerSpec).validate_python(layer)
    TypeAdapter(LayerSpec).validate_python(layer | {option: value - 1})
    layer_from(layer | {option: value - 1})


def test_a_million_million_outputs_are_refused_before_each_has_a_name() -> None:
    began = time.process_time()

    with pytest.raises(FormatError, match="at most 1000000 units, got 1000000000000"):
        completed({"input_shape": [4], "layers": [{"type": "dense", "units": 10**12}]})

    assert time.process_time() - began < 1


def test_an_input_of_more_numbers_than_a_pass_may_have_is_refused() -> None:
    architecture = completed(
        {"input_shape": [10**6, 10**6], "layers": [{"type": "dense", "units": 2}], "preprocessing": "bytes"}
    )

    with pytest.raises(SpecError, match="input_shape: expected at most"):
        nn.Model.from_architecture(architecture)
