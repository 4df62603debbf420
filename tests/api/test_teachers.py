"""A job's request may name a stored model to learn from: which, and what is refused."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from nn.data import Column
from tests.support.builders.datasets import ready
from tests.support.builders.teachers import add
from worker.store import Store


def taught(client: FlaskClient, teacher: object, **training: Any) -> Any:
    return client.post("/v1/jobs", json={"dataset": "mnist", "training": {"teacher": teacher} | training})


def test_a_job_may_learn_from_a_model_or_from_what_an_alias_stands_for_now(client: FlaskClient, store: Store) -> None:
    store.aliases.point("best", add(store))
    add(store, "model_2")

    for names, ids in ((["model_1"], ["model_1"]), (["best", "model_2"], ["model_1", "model_2"])):
        response = taught(client, {"models": names})

        assert response.status_code == 202
        assert response.json["config"]["training"]["teacher"] == {"models": ids, "temperature": 4.0}
    assert taught(client, None).json["config"]["training"]["teacher"] is None


def test_the_model_cannot_be_deleted_while_the_job_waits(client: FlaskClient, store: Store) -> None:
    job = taught(client, {"models": [add(store)]}).json

    response = client.delete("/v1/models/model_1")

    assert response.status_code == 409
    assert job["id"] in response.json["detail"]
    client.post(f"/v1/jobs/{job['id']}/cancel")
    assert client.delete("/v1/models/model_1").status_code == 204


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"output": "sigmoid", "classes": ["a", "b"]}, "softmax outputs, got one with sigmoid"),
        ({"output": "linear", "classes": []}, "softmax outputs, got one with linear"),
        ({"classes": list("0123456798")}, "the data set's 10 classes, got one of others"),
        ({"input_shape": [27, 28]}, "rows of 784 numbers, got one for 756"),
    ],
)
def test_a_model_of_something_else_is_refused(
    client: FlaskClient, store: Store, other: dict[str, Any], said: str
) -> None:
    response = taught(client, {"models": [add(store, "model_2"), add(store, **other)]})

    assert response.status_code == 422
    [error] = response.json["errors"]
    assert error["pointer"] == "#/training/teacher/models/1"
    assert said in error["detail"]
    assert store.jobs.page(limit=1).data == []


@pytest.mark.parametrize(
    ("columns", "status"),
    [
        ([("size", ()), ("kind", ("x", "y"))], 202),
        ([("size", ()), ("kind", ("y", "x"))], 422),
        ([("size", ()), ("kind", ("x", "y", "z"))], 422),
        ([("kind", ("x", "y")), ("size", ())], 422),
        ([("width", ()), ("kind", ("x", "y"))], 422),
        ([], 422),
    ],
)
def test_a_teacher_of_tables_has_the_same_columns(
    client: FlaskClient, store: Store, columns: list[tuple[str, tuple[str, ...]]], status: int
) -> None:
    described = [Column("size"), Column("kind", "categorical", ("x", "y"))]
    facts = [c.config() | ({"category_count": 2} if c.categories else {}) for c in described]
    own = [
        Column(name, "categorical" if categories else "numeric", categories).config() for name, categories in columns
    ]
    teacher = add(
        store, classes=["no", "yes"], input_shape=[2], preprocessing={"kind": "table", "columns": own} if own else {}
    )

    response = client.post(
        "/v1/jobs",
        json={"dataset": ready(store, columns=facts), "training": {"teacher": {"models": [teacher]}}},
    )

    assert response.status_code == status
    if status == 422:
        assert response.json["errors"][0]["detail"].startswith("expected a model of the data set's columns")


@pytest.mark.parametrize(
    ("teacher", "training", "pointer", "said"),
    [
        ({"models": ["model_1", "model_9"]}, {}, "#/training/teacher/models/1", "got 'model_9'"),
        ({"models": ["nobody"]}, {}, "#/training/teacher/models/0", "got 'nobody'"),
        ({"models": ["model_1"], "temperature": 0.09}, {}, "#/training/teacher/temperature", ""),
        ({"models": ["model_1"], "temperature": 1000}, {}, "#/training/teacher/temperature", ""),
        ({"models": ["model_1"], "temprature": 2}, {}, "#/training/teacher/temprature", ""),
        ({}, {}, "#/training/teacher/models", ""),
        ({"models": []}, {}, "#/training/teacher/models", ""),
        ("model_1", {}, "#/training/teacher", ""),
        ({"models": ["model_1"]}, {"loss": "cross_entropy"}, "#/training", "expected null beside a teacher"),
    ],
)
def test_a_bad_field_of_it_is_named(
    client: FlaskClient, store: Store, teacher: object, training: dict[str, Any], pointer: str, said: str
) -> None:
    add(store)

    response = taught(client, teacher, **training)

    assert response.status_code == 422
    [error] = response.json["errors"]
    assert error["pointer"] == pointer
    assert said in error["detail"]
