"""Predictions through the whole service, in every form, and those that nobody waits for."""

import base64
import csv
import gzip
import io

import httpx
import numpy as np
import pytest
from PIL import Image

import nn
from api.local.stack import Stack
from neurond import Client
from tests.support.clock import wait_until

MNIST = nn.datasets.load("mnist")


@pytest.fixture(scope="module")
def model_id(stack: Stack) -> str:
    with Client(stack.url) as client:
        spec = {"dataset": "mnist", "seed": 1, "model": {"hidden_layers": [32]}, "training": {"epochs": 1}}
        *_, job = client.follow(httpx.post(f"{stack.url}/v1/jobs", json=spec).json()["id"])
        httpx.put(f"{stack.url}/v1/aliases/later", json={"model_id": job["model_id"]}).raise_for_status()
        return job["model_id"]


def finished(stack: Stack, location: str) -> dict:
    def read() -> dict:
        return httpx.get(stack.url + location).json()

    wait_until(lambda: read()["status"] in {"succeeded", "failed"})
    return read()


def test_respond_async_is_202_and_the_result_is_that_of_a_prediction(stack: Stack, model_id: str) -> None:
    url = f"{stack.url}/v1/models/later/predictions"
    body = {"inputs": MNIST.x_test[:3].tolist()}

    here = httpx.post(url, json=body).json()
    accepted = httpx.post(url, json=body, headers={"Prefer": "respond-async"})
    there = finished(stack, accepted.headers["Location"])

    assert accepted.status_code == 202
    assert accepted.headers["Preference-Applied"] == "respond-async"
    assert accepted.json()["status"] == "queued"
    assert there["id"] == accepted.json()["id"]
    assert there["model_id"] == model_id
    assert there["predictions"] == here["predictions"]
    np.testing.assert_allclose(there["probabilities"], here["probabilities"], atol=1e-6)


def test_with_a_wait_that_is_long_enough_the_answer_is_there(stack: Stack, model_id: str) -> None:
    url = f"{stack.url}/v1/models/{model_id}/predictions"

    answer = httpx.post(url, json={"inputs": [[0] * 784]}, headers={"Prefer": "respond-async, wait=20"}, timeout=30)

    assert answer.status_code == 200
    assert answer.headers["Preference-Applied"] == "respond-async, wait=20"
    assert answer.json()["status"] == "succeeded"


def test_input_that_does_not_fit_fails_with_its_place(stack: Stack, model_id: str) -> None:
    url = f"{stack.url}/v1/models/{model_id}/predictions"

    accepted = httpx.post(url, json={"inputs": [[1, 2]]}, headers={"Prefer": "respond-async"})
    failed = finished(stack, accepted.headers["Location"])

    assert failed["status"] == "failed"
    assert failed["error"]["code"] == "invalid_input"
    assert failed["error"]["message"] == "#/inputs/0: expected 784 numbers, got 2"


@pytest.mark.parametrize("prefer", ["wait=31", "wait=soon", "wait"])
def test_a_wait_that_cannot_be_is_422(stack: Stack, model_id: str, prefer: str) -> None:
    url = f"{stack.url}/v1/models/{model_id}/predictions"

    answer = httpx.post(url, json={"inputs": [[0] * 784]}, headers={"Prefer": prefer})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith("Prefer")


def test_a_whole_data_set_becomes_a_csv(stack: Stack, model_id: str) -> None:
    asked = {"model": "later", "dataset": "mnist", "split": "test", "format": "csv"}

    accepted = httpx.post(f"{stack.url}/v1/predictions", json=asked)
    early = httpx.get(f"{stack.url}{accepted.headers['Location']}/result")
    done = finished(stack, accepted.headers["Location"])
    file = httpx.get(stack.url + done["urls"]["result"])

    assert accepted.status_code == 202
    assert early.status_code in {200, 409}
    assert done["rows"] == 10_000
    assert file.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(file.text)))
    assert [int(row["index"]) for row in rows] == list(range(10_000))
    assert [int(row["target"]) for row in rows] == MNIST.y_test.tolist()
    right = sum(row["target"] == row["prediction"] for row in rows)
    assert right > 9000
    assert abs(sum(float(rows[0][f"probability_{digit}"]) for digit in range(10)) - 1) < 1e-5


def test_a_whole_data_set_becomes_an_npz(stack: Stack, model_id: str) -> None:
    asked = {"model": model_id, "dataset": "mnist", "split": "train", "format": "npz"}

    accepted = httpx.post(f"{stack.url}/v1/predictions", json=asked)
    done = finished(stack, accepted.headers["Location"])
    file = np.load(io.BytesIO(httpx.get(stack.url + done["urls"]["result"]).content))

    assert done["rows"] == 60_000
    assert file["predictions"].shape == (60_000,)
    assert file["probabilities"].shape == (60_000, 10)
    assert file["classes"].tolist() == list("0123456789")
    np.testing.assert_array_equal(file["targets"], MNIST.y_train)


@pytest.mark.parametrize(
    ("change", "status"),
    [({"model": "nobody"}, 404), ({"dataset": "ds_none"}, 404), ({"format": "xlsx"}, 422), ({"split": "half"}, 422)],
)
def test_what_cannot_be_predicted_is_said_at_once(stack: Stack, model_id: str, change: dict, status: int) -> None:
    asked = {"model": model_id, "dataset": "mnist", **change}

    assert httpx.post(f"{stack.url}/v1/predictions", json=asked).status_code == status


def test_a_prediction_that_never_was_is_404(stack: Stack) -> None:
    assert httpx.get(f"{stack.url}/v1/predictions/pred_never").status_code == 404


def test_v1_takes_arrays_and_packed_bodies(stack: Stack, model_id: str) -> None:
    url = f"{stack.url}/v1/models/{model_id}/predictions"
    file = io.BytesIO()
    np.save(file, MNIST.x_test[:5].reshape(-1, 28, 28))
    headers = {"Content-Type": "application/x-npy"}

    plain = httpx.post(url, content=file.getvalue(), headers=headers)
    packed = httpx.post(url, content=gzip.compress(file.getvalue()), headers=headers | {"Content-Encoding": "gzip"})

    expected = httpx.post(url, json={"inputs": MNIST.x_test[:5].tolist()}).json()["probabilities"]
    for answer in (plain, packed):
        np.testing.assert_allclose(answer.json()["probabilities"], expected, atol=1e-6)


def test_v1_takes_pictures_in_every_way_that_they_come(stack: Stack, model_id: str) -> None:
    url = f"{stack.url}/v1/models/{model_id}/predictions"
    file = io.BytesIO()
    paper = 255 - np.kron(MNIST.x_test[0].reshape(28, 28), np.ones((8, 8))).astype(np.uint8)
    Image.fromarray(np.pad(paper, 40, constant_values=255)).save(file, "PNG")
    data = file.getvalue()

    raw = httpx.post(url, content=data, headers={"Content-Type": "image/png"})
    coded = {"image": "data:image/png;base64," + base64.b64encode(data).decode(), "return_input": True}
    in_json = httpx.post(url, json=coded)
    form = httpx.post(url, files={"file": ("seven.png", data)}, data={"return_input": "true", "centre": "true"})

    for answer in (raw, in_json, form):
        assert answer.json()["predictions"] == [7], answer.text
    assert "inputs" not in raw.json()
    assert in_json.json()["inputs"] == form.json()["inputs"]
    assert np.abs(np.array(form.json()["inputs"][0]) - MNIST.x_test[0]).mean() < 12


def test_a_form_that_cannot_be_used_is_refused_by_field(stack: Stack, model_id: str) -> None:
    url = f"{stack.url}/v1/models/{model_id}/predictions"

    answers = [
        httpx.post(url, files={"picture": ("a.png", b"x")}),
        httpx.post(url, files={"file": ("a.png", b"x")}, data={"centre": "yes"}),
        httpx.post(url, files={"file": ("a.png", b"x")}, data={"colour": "true"}),
    ]

    assert [answer.status_code for answer in answers] == [422] * 3
    assert [answer.json()["errors"][0]["pointer"] for answer in answers] == ["#/file", "#/centre", "#/colour"]
