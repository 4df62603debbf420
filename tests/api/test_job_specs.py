"""What a job's request may say: presets, short forms, and what is refused by the name of its field."""

import pytest
from flask.testing import FlaskClient

from tests.support.builders.requests import SPEC
from worker.jobspec import JobSpec
from worker.jobspec.presets import PRESETS
from worker.store import Store


def test_the_config_of_a_job_can_be_submitted_as_it_is(client: FlaskClient) -> None:
    first = client.post("/v1/jobs", json={**SPEC, "preset": "article", "training": {"loss": "cross_entropy"}}).json

    second = client.post("/v1/jobs", json=first["config"]).json

    assert second["config"] == first["config"]


def test_a_preset_gives_defaults_that_the_request_goes_before(client: FlaskClient) -> None:
    body = {**SPEC, "name": "mine", "preset": "article", "training": {"epochs": 3}}
    config = client.post("/v1/jobs", json=body).json["config"]

    assert config["name"] == "mine"
    assert config["model"]["activation"] == "sigmoid"
    assert config["model"]["bias"] is False
    assert config["training"]["loss"] == "mean_squared_error"
    assert config["training"]["batch_size"] == 1
    assert config["training"]["epochs"] == 3


def test_the_preset_for_tables_is_an_ensemble_over_numbers_in_bins() -> None:
    spec = JobSpec.model_validate({"dataset": "ds", "preset": "table", "training": {"batch_size": 8}})

    assert spec.model.hidden_layers == [256, 256]
    assert (spec.model.members, spec.model.embedding, spec.model.preprocessing) == (8, 0, "piecewise_linear")
    assert spec.training.optimizer.name == "adamw"
    assert spec.training.batch_size == 8
    assert spec.training.early_stopping.patience == 12


@pytest.mark.parametrize(
    ("asked", "pointer", "detail"),
    [
        ("fair", "", "expected 'balanced', or numbers by the names of classes, got \"fair\""),
        (3, "", "expected 'balanced', or numbers by the names of classes, got 3"),
        ({"a": 0}, "/a", "input should be greater than 0, got 0"),
        ({"a": 1, "b/c": "2"}, "/b~1c", 'input should be a valid number, got "2"'),
        ({"balanced": -1}, "/balanced", "input should be greater than 0, got -1"),
        ({"x" * 300: 1}, "/" + "x" * 300, None),
    ],
)
def test_wrong_class_weights_are_pointed_at_where_they_stand(
    client: FlaskClient, asked: object, pointer: str, detail: str | None
) -> None:
    refused = client.post("/v1/jobs", json=SPEC | {"training": {"class_weights": asked}})

    assert refused.status_code == 422
    [error] = refused.json["errors"]
    assert error["pointer"] == f"#/training/class_weights{pointer}"
    assert detail in {error["detail"], None}


@pytest.mark.parametrize(
    ("asked", "preset"),
    [
        ({}, "table"),
        ({"preset": "standard"}, "table"),
        ({"training": {"class_weights": "balanced"}}, "table"),
        ({"training": {"class_weights": {"a": 2.0}, "samples": "all"}}, "table"),
        ({"training": {"validation_split": 0.0}}, None),  # the preset needs some
        ({"training": {"class_weights": "balanced", "epochs": 3}}, None),
        ({"model": {}, "training": {"class_weights": "balanced"}}, None),
        ({"preset": "quick", "training": {"class_weights": "balanced"}}, "quick"),
    ],
)
def test_a_table_has_its_preset_where_nothing_is_said_of_how_it_is_learned(asked: dict, preset: str | None) -> None:
    spec = JobSpec.model_validate({"dataset": "ds_1", **asked})

    suited = spec.suited_to_tables()

    assert suited.preset == preset
    assert suited.seed == spec.seed
    assert suited.training.class_weights == spec.training.class_weights
    assert suited.training.samples == spec.training.samples


def test_the_preset_for_small_tables_takes_small_steps_until_they_gain_nothing(client: FlaskClient) -> None:
    asked = {**SPEC, "preset": "table-small", "training": {"batch_size": 8}}

    config = client.post("/v1/jobs", json=asked).json["config"]

    assert config["model"]["hidden_layers"] == [32, 16]
    assert config["training"]["optimizer"]["name"] == "adam"
    assert config["training"]["batch_size"] == 8
    assert config["training"]["early_stopping"] == {"patience": 15, "min_delta": 0.0}


def test_what_is_made_of_columns_is_refused_for_images(client: FlaskClient) -> None:
    refused = client.post("/v1/jobs", json={**SPEC, "preset": "table"})

    assert refused.status_code == 422
    assert refused.json["errors"] == [
        {
            "pointer": "#/model/preprocessing",
            "detail": "expected a table or rows of numbers for it, got images of 28×28",
        }
    ]


def test_the_standard_preset_changes_nothing(client: FlaskClient) -> None:
    plain, standard = (
        client.post("/v1/jobs", json={**SPEC, "seed": 1, **more}).json["config"]
        for more in ({}, {"preset": "standard"})
    )

    assert standard == plain | {"preset": "standard"}


@pytest.mark.parametrize(
    ("preset", "training", "left_out"),
    [
        ("article", {"teacher": {"models": ["m"]}}, "loss"),
        ("table", {"validation_split": 0}, "early_stopping"),
    ],
)
def test_a_preset_gives_way_where_the_request_rules_it_out(preset: str, training: dict, left_out: str) -> None:
    spec = JobSpec.model_validate({"dataset": "mnist", "preset": preset, "training": training})

    assert getattr(spec.training, left_out) is None
    said = training | {left_out: PRESETS[preset]["spec"]["training"][left_out]}
    with pytest.raises(ValueError, match=left_out):
        JobSpec.model_validate({"dataset": "mnist", "preset": preset, "training": said})


@pytest.mark.parametrize("preset", [None, *PRESETS])
def test_layers_replace_the_shorthand_of_defaults_and_presets(client: FlaskClient, preset: str | None) -> None:
    layers = [{"type": "conv2d", "filters": 4, "kernel": 3}, {"type": "relu"}, {"type": "max_pool2d"}]

    config = client.post("/v1/jobs", json={**SPEC, "preset": preset, "model": {"layers": layers}}).json["config"]
    again = client.post("/v1/jobs", json=config).json["config"]

    assert config["model"]["hidden_layers"] is None
    assert config["model"]["activation"] is None
    assert config["model"]["layers"][0] == {
        "type": "conv2d",
        "filters": 4,
        "kernel": 3,
        "stride": 1,
        "padding": 0,
        "bias": True,
        "initializer": "he_normal",
    }
    assert config["model"]["layers"][2] == {"type": "max_pool2d", "size": 2}
    assert again == config


@pytest.mark.parametrize(
    ("given", "answered"),
    [
        ("huber", "huber"),
        ({"name": "huber", "delta": 1.0}, "huber"),
        ({"name": "huber", "delta": 2.0}, {"name": "huber", "delta": 2.0}),
        (
            {"name": "cross_entropy", "label_smoothing": 0.1},
            {"name": "cross_entropy", "label_smoothing": 0.1, "class_weights": None},
        ),
        (None, None),
    ],
)
def test_a_loss_is_answered_in_the_shortest_form_that_says_all(given: object, answered: object) -> None:
    config = JobSpec.model_validate(SPEC | {"training": {"loss": given}}).model_dump(mode="json")

    assert config["training"]["loss"] == answered
    assert JobSpec.model_validate(config).model_dump(mode="json") == config


def test_another_optimizer_replaces_that_of_the_preset_whole(client: FlaskClient) -> None:
    fields = {"preset": "article", "training": {"optimizer": {"name": "adam"}}}

    config = client.post("/v1/jobs", json=SPEC | fields).json["config"]

    assert config["training"]["optimizer"] == {
        "name": "adam",
        "learning_rate": 0.001,
        "beta1": 0.9,
        "beta2": 0.999,
        "epsilon": 1e-8,
    }


def test_an_optimizer_without_a_name_is_sgd(client: FlaskClient) -> None:
    fields = {"preset": "article", "training": {"optimizer": {"learning_rate": 0.5}}}

    config = client.post("/v1/jobs", json=SPEC | fields).json["config"]

    assert config["training"]["optimizer"] == {"name": "sgd", "learning_rate": 0.5, "momentum": 0.0, "nesterov": False}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"dataset": "mnist", "training": {"epochs": -1}}, "#/training/epochs"),
        ({"dataset": "mnist", "training": {"epochs": "10"}}, "#/training/epochs"),
        ({"dataset": "mnist", "training": {"epochs": True}}, "#/training/epochs"),
        ({"dataset": "mnist", "training": {"batch_size": 0}}, "#/training/batch_size"),
        ({"dataset": "mnist", "training": {"validation_split": 1.0}}, "#/training/validation_split"),
        ({"dataset": "mnist", "training": {"optimizer": {"learning_rate": 0}}}, "#/training/optimizer/learning_rate"),
        ({"dataset": "mnist", "training": {"optimizer": {"name": "magic"}}}, "#/training/optimizer/name"),
        ({"dataset": "mnist", "training": {"optimizer": {"momentun": 0.9}}}, "#/training/optimizer/momentun"),
        ({"dataset": "mnist", "training": {"optimizer": {"nesterov": True, "momentum": 0}}}, "#/training/optimizer"),
        ({"dataset": "mnist", "training": {"schedule": {"name": "magic"}}}, "#/training/schedule/name"),
        ({"dataset": "mnist", "training": {"schedule": {}}}, "#/training/schedule/name"),
        ({"dataset": "mnist", "training": {"schedule": "cosine"}}, "#/training/schedule"),
        ({"dataset": "mnist", "training": {"schedule": {"name": "step", "every": 0}}}, "#/training/schedule/every"),
        ({"dataset": "mnist", "training": {"schedule": {"name": "step", "evry": 1}}}, "#/training/schedule/evry"),
        ({"dataset": "mnist", "training": {"schedule": {"name": "cosine", "warmup": 10}}}, "#/training"),
        ({"dataset": "mnist", "training": {"loss": "hinge"}}, "#/training/loss"),
        ({"dataset": "mnist", "model": {"hidden_layers": ["wide"]}}, "#/model/hidden_layers/0"),
        ({"dataset": "mnist", "model": {"hidden_layers": [128, -64]}}, "#/model/hidden_layers/1"),
        ({"dataset": "mnist", "model": {"hidden_layers": 128}}, "#/model/hidden_layers"),
        ({"dataset": "mnist", "model": {"hidden_layers": [1] * 33}}, "#/model/hidden_layers"),
        ({"dataset": "mnist", "model": {"hiden_layers": []}}, "#/model/hiden_layers"),
        ({"dataset": "mnist", "model": {"activation": None}}, "#/model/activation"),
        ({"dataset": "mnist", "model": {"activation": "swish"}}, "#/model/activation"),
        ({"dataset": "mnist", "model": {"layers": [], "hidden_layers": [3]}}, "#/model/hidden_layers"),
        ({"dataset": "mnist", "model": {"layers": [{"type": "dense"}]}}, "#/model/layers/0/units"),
        ({"dataset": "mnist", "model": {"layers": [{"type": "dense", "units": 0}]}}, "#/model/layers/0/units"),
        (
            {"dataset": "mnist", "model": {"layers": [{"type": "dropout", "rat": 0.1, "rate": 0}]}},
            "#/model/layers/0/rat",
        ),
        ({"dataset": "mnist", "model": {"layers": [{"type": "relu"}, {"units": 3}]}}, "#/model/layers/1/type"),
        ({"dataset": "mnist", "model": {"layers": [{"type": "conv3d"}]}}, "#/model/layers/0/type"),
        ({"dataset": "mnist", "model": {"layers": [{"type": "relu", "slope": 1}]}}, "#/model/layers/0/slope"),
        (
            {"dataset": "mnist", "model": {"layers": [{"type": "conv2d", "filters": 2, "kernel": 29}]}},
            "#/model/layers/0/kernel",
        ),
        (
            {
                "dataset": "mnist",
                "model": {"layers": [{"type": "max_pool2d", "size": 9}, {"type": "max_pool2d", "size": 4}]},
            },
            "#/model/layers/1/size",
        ),
        ({"dataset": "mnist", "model": {"preprocessing": "whiten"}}, "#/model/preprocessing"),
        ({"dataset": "mnist", "training": {"loss": {"name": "huber", "delta": 0}}}, "#/training/loss/delta"),
        ({"dataset": "mnist", "training": {"loss": {"name": "hinge"}}}, "#/training/loss/name"),
        ({"dataset": "mnist", "training": {"loss": {"delta": 1}}}, "#/training/loss/name"),
        ({"dataset": "mnist", "training": {"augmentation": {"rotate": -1}}}, "#/training/augmentation/rotate"),
        ({"dataset": "mnist", "training": {"augmentation": {"flip": True}}}, "#/training/augmentation/flip"),
        ({"dataset": "mnist", "seed": 2**32}, "#/seed"),
        ({"dataset": "mnist", "seed": 1.5}, "#/seed"),
        ({"dataset": "mnist", "name": ""}, "#/name"),
        ({"dataset": "mnist", "metadata": {"k": 1}}, "#/metadata/k"),
        ({"dataset": "mnist", "metadata": {"": "v"}}, "#/metadata/"),
        ({"dataset": "mnist", "preset": "unheard"}, "#/preset"),
        ({"dataset": "mnist", "preset": 3}, "#/preset"),
        ({"dataset": "mnist", "a/b~c": 1}, "#/a~1b~0c"),
        ({"dataset": "unheard"}, "#/dataset"),
        ({"dataset": 3}, "#/dataset"),
        ({}, "#/dataset"),
        ([], "#"),
    ],
)
def test_a_bad_field_is_named_by_its_pointer(client: FlaskClient, store: Store, body: object, pointer: str) -> None:
    response = client.post("/v1/jobs", json=body)

    assert response.status_code == 422
    assert response.content_type == "application/problem+json"
    assert [error["pointer"] for error in response.json["errors"]] == [pointer]
    assert response.json["errors"][0]["detail"]
    assert store.jobs.page(limit=1).data == []


def test_a_mistyped_field_is_answered_with_the_one_that_was_meant(client: FlaskClient) -> None:
    response = client.post("/v1/jobs", json={"dataset": "mnist", "training": {"optimiser": {}}})

    assert "did you mean 'optimizer'?" in response.json["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"not json", "application/json", 400),
        (b'{"dataset": NaN}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"dataset": "mnist"}', "text/plain", 415),
        (b'{"dataset": "mnist"}', None, 415),
        (b" " * 20_000_000, "application/json", 413),
    ],
)
def test_a_body_that_is_no_json_object_is_a_problem(
    client: FlaskClient, body: bytes, content_type: str | None, status: int
) -> None:
    response = client.post("/v1/jobs", data=body, content_type=content_type)

    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert response.json["errors"][0]["pointer"] == "#"
