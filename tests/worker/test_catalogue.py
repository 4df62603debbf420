"""What can be asked for is declared in `nn` alone: a spec takes all of it, with its defaults and its bounds."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import nn
from nn.architecture import hidden_from, network_of
from nn.catalogue import FILE, text
from nn.layers import layer_from
from nn.losses import loss_from
from nn.optimizers import optimizer_from
from nn.schedules import schedule_from
from worker.jobspec import CATALOGUE, PRESETS, JobSpec
from worker.jobspec.compatibility import dataset_conflicts

REQUIRED = {"units": 3, "filters": 2, "kernel": 3, "rate": 0.5}


def test_the_catalogue_is_what_nn_declares() -> None:
    assert FILE.read_text("utf-8") == text(), "run: python -m nn.catalogue"


def asked(part: str, field: str, value: Any) -> dict[str, Any]:
    """What a job's config says of a field."""
    spec = JobSpec.model_validate({"dataset": "mnist", part: {field: value}})
    config: dict[str, Any] = json.loads(spec.model_dump_json())[part][field]
    return config


@pytest.mark.parametrize("name", [*nn.LAYERS, *nn.ACTIVATIONS])
def test_each_layer_can_be_listed_and_has_the_defaults_of_nn(name: str) -> None:
    options = CATALOGUE["layers"].get(name, {"options": {}})["options"]
    listed = {"type": name} | {option: value for option, value in REQUIRED.items() if option in options}

    assert asked("model", "layers", [listed]) == [layer_from(listed).config()]


def test_each_optimizer_schedule_and_loss_can_be_named_and_has_the_defaults_of_nn() -> None:
    for name in nn.SCHEDULES:
        assert asked("training", "schedule", {"name": name}) == {"name": name} | schedule_from(name, 10).chosen()
    for name in nn.OPTIMIZERS:
        momentum = {"momentum": 0.9} if name == "sgd" else {}  # a job's default; by itself the optimizer is plain
        assert asked("training", "optimizer", {"name": name}) == optimizer_from(name).config() | momentum
    for name, loss in nn.LOSSES.items():
        made = loss_from(name, next(iter(loss.output)), 2)
        assert asked("training", "loss", {"name": name}) == name == made.config()["name"]


def tables() -> list[tuple[str, str, dict[str, Any], str]]:
    """(where in a spec, the tag, the row's own fields, an option) for each bounded option of each row."""
    found = []
    places = {"layers": "type", "losses": "name", "optimizers": "name", "schedules": "name"}
    for table, tag in places.items():
        for name, row in CATALOGUE[table].items():
            needed = {option: value for option, value in REQUIRED.items() if option in row["options"]}
            found += [(table, tag, {tag: name} | needed, option) for option in row["options"]]
    return found


WRONG: dict[str, list[Any]] = {
    "number": ["1", True, None, float("inf"), -1],
    "integer": ["1", True, 1.5, None, -1],
    "boolean": ["true", 1, None],
    "string": ["none of them", 1, None],
    "array": ["1", 1, [], [-1, 1]],
}


@pytest.mark.parametrize(("table", "tag", "row", "option"), tables())
def test_an_option_that_nn_refuses_is_refused_by_its_place(
    table: str, tag: str, row: dict[str, Any], option: str
) -> None:
    stated = CATALOGUE[table][row[tag]]["options"][option]["type"]
    kind, nullable = (stated[0], True) if isinstance(stated, list) else (stated, False)
    part, field = {
        "layers": ("model", "layers"),
        "losses": ("training", "loss"),
        "optimizers": ("training", "optimizer"),
        "schedules": ("training", "schedule"),
    }[table]

    for value in WRONG[kind]:
        if value is None and nullable:
            continue
        given = row | {option: value}
        with pytest.raises(ValidationError) as refused:
            asked(part, field, [given] if field == "layers" else given)
        assert {error["loc"][-1 - isinstance(error["loc"][-1], int)] for error in refused.value.errors()} >= {option}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_job_that_can_be_asked_for(name: str) -> None:
    preset = PRESETS[name]

    spec = JobSpec.model_validate({"dataset": "mnist", "preset": name})

    assert preset.keys() <= {"title", "about", "place", "suits", "spec", "sizes"}
    for part, fields in preset["spec"].items():
        said = json.loads(getattr(spec, part).model_dump_json(exclude_unset=True))
        assert said.keys() >= fields.keys()


@pytest.mark.parametrize(
    ("rows", "batch_size", "epochs", "members"),
    [(999, 32, 100, 8), (1000, 128, 60, 8), (4000, 256, 40, 8), (99_999, 256, 40, 8), (100_000, 1024, 16, 4)],
)
def test_a_preset_is_sized_by_the_rows(rows: int, batch_size: int, epochs: int, members: int) -> None:
    spec = JobSpec.model_validate({"dataset": "ds", "preset": "table", "seed": 5}).sized_for(rows)

    assert (spec.training.batch_size, spec.training.epochs, spec.model.members) == (batch_size, epochs, members)
    assert (spec.training.optimizer.name, spec.seed, spec.dataset) == ("adamw", 5, "ds")


def test_what_the_request_says_goes_before_the_size_of_the_data() -> None:
    given = {"dataset": "ds", "preset": "table", "training": {"epochs": 7, "early_stopping": {"patience": 3}}}

    spec = JobSpec.model_validate(given)

    assert spec.sized_for(10).training.epochs == 7
    assert spec.sized_for(10).training.batch_size == 32
    assert spec.sized_for(10).training.early_stopping.patience == 3
    assert spec.sized_for(10).seed == spec.seed
    assert JobSpec.model_validate({"dataset": "ds"}).sized_for(10).preset is None


@pytest.mark.parametrize("preset", [{}, {"preset": None}, {"preset": "standard"}])
def test_a_table_has_its_preset_where_the_request_leaves_model_and_training_to_the_service(preset: dict) -> None:
    spec = JobSpec.model_validate({"dataset": "ds", "name": "n", **preset})

    assert spec.suited_to_tables() == JobSpec.model_validate(
        {"dataset": "ds", "name": "n", "preset": "table", "seed": spec.seed}
    )


@pytest.mark.parametrize("said", [{"preset": "quick"}, {"model": {"bias": False}}, {"training": {"epochs": 3}}])
def test_what_was_said_of_a_table_stays(said: dict) -> None:
    spec = JobSpec.model_validate({"dataset": "ds", **said})

    assert spec.suited_to_tables() is spec


FEW = st.integers(1, 4)
WINDOWS = {
    "conv2d": {"filters": st.just(2), "kernel": FEW, "stride": FEW, "padding": st.integers(0, 2)},
    "max_pool2d": {"size": FEW},
    "average_pool2d": {"size": FEW},
}
OTHERS = st.sampled_from([{"type": "flatten"}, {"type": "dense", "units": 3}, {"type": "relu"}, {"type": "batch_norm"}])
LAYERS = st.lists(
    OTHERS | st.one_of(st.fixed_dictionaries({"type": st.just(kind)} | own) for kind, own in WINDOWS.items()),
    max_size=5,
)


@given(LAYERS, st.integers(1, 9), st.integers(1, 9))
def test_the_rules_of_the_catalogue_refuse_the_layers_that_nn_cannot_put_in_a_row(
    layers: list[dict[str, Any]], height: int, width: int
) -> None:
    spec = JobSpec.model_validate({"dataset": "d", "model": {"layers": layers}})

    told = list(dataset_conflicts(spec, task="classification", classes=3, input_shape=(height, width)))

    fits = True
    try:
        network_of([*hidden_from(layers), layer_from({"type": "dense", "units": 3})], (height, width), "float32")
    except nn.SpecError:
        fits = False
    assert fits == (not told), told
