"""`POST /v1/predictions`: a data set that the model cannot be asked about is refused before it is queued."""

import pytest
from flask.testing import FlaskClient

from tests.api.test_datasets import FILE, ready
from tests.api.test_teachers import add
from worker.store import Store


def asked(client: FlaskClient, dataset: str) -> tuple[int, str]:
    answer = client.post("/v1/predictions", json={"model": "model_1", "dataset": dataset}).json
    return answer.get("status"), answer["errors"][0]["detail"] if "errors" in answer else answer.get("detail", "")


@pytest.fixture(autouse=True)
def model(store: Store) -> str:
    return add(store)


def test_one_of_another_size_or_task_is_refused(client: FlaskClient, store: Store) -> None:
    numbers = ready(store, "ds_numbers", task="regression", classes=[], input_shape=[784])

    assert asked(client, ready(store)) == (422, "expected rows of 784 numbers as the model takes, got rows of 2")
    assert asked(client, numbers) == (422, "expected one for classification as the model is, got one for regression")
    assert asked(client, "mnist")[0] == "queued"


def test_one_that_is_read_is_waited_for_and_one_that_could_not_be_read_says_why(
    client: FlaskClient, store: Store
) -> None:
    for name in ("ds_new", "ds_bad"):
        store.datasets.create(name, {"name": None}, [FILE])
    store.datasets.fail(store.datasets.claim("ds_bad", "w", 9000), "invalid_data", "row 7, column 'a': no number")

    assert asked(client, "ds_new")[0] == 409
    assert asked(client, "ds_none")[0] == 404
    status, detail = asked(client, "ds_bad")
    assert status == 422
    assert "row 7" in detail
