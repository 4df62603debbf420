"""`POST /v1/predictions`: a data set that the model cannot be asked about is refused before it is queued."""

import pytest
from flask.testing import FlaskClient

from tests.support.builders.datasets import FILE, ready
from tests.support.builders.teachers import add
from worker.store import Store


def asked(client: FlaskClient, dataset: str) -> tuple[int, str]:
    answer = client.post("/v1/predictions", json={"model": "model_1", "dataset": dataset}).json
    return answer.get("status"), answer["errors"][0]["detail"] if "errors" in answer else answer.get("detail", "")


@pytest.fixture(autouse=True)
def model(store: Store) -> str:
    return add(store)


def test_arrays_of_another_size_are_refused_and_tables_go_by_their_names(client: FlaskClient, store: Store) -> None:
    """What they were to be learned for is no matter of those who ask about their rows."""
    arrays = ready(store, "ds_arrays", format="npz")
    numbers = ready(store, "ds_numbers", format="npz", task="regression", classes=[], input_shape=[784])

    assert asked(client, arrays) == (422, "expected rows of 784 numbers as the model takes, got rows of 2")
    assert [asked(client, name)[0] for name in (numbers, ready(store), "mnist")] == ["queued"] * 3


def test_all_rows_of_a_file_to_be_predicted_are_asked_about_and_the_test_part_of_another(
    client: FlaskClient, store: Store
) -> None:
    to_predict = ready(store, "ds_predict", task=None, classes=[], blob=None)

    for name, split in ((to_predict, "all"), (ready(store), "test")):
        answer = client.post("/v1/predictions", json={"model": "model_1", "dataset": name}).json
        assert answer["split"] == split


def test_rows_to_be_predicted_are_not_trained_on(client: FlaskClient, store: Store) -> None:
    name = ready(store, "ds_predict", task=None, classes=[], blob=None)

    answer = client.post("/v1/jobs", json={"dataset": name})

    assert answer.status_code == 422
    assert "purpose=prediction" in answer.json["errors"][0]["detail"]


def test_one_that_is_read_is_waited_for_and_one_that_could_not_be_read_says_why(
    client: FlaskClient, store: Store
) -> None:
    for name in ("ds_bad", "ds_new"):
        store.datasets.create(name, {"name": None}, [FILE])
    store.datasets.fail(store.datasets.claim("w", 9000), "invalid_data", "row 7, column 'a': no number")

    assert asked(client, "ds_new")[0] == 409
    assert asked(client, "ds_none")[0] == 404
    status, detail = asked(client, "ds_bad")
    assert status == 422
    assert "row 7" in detail
