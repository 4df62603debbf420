"""Models leave the service as files, and come back as the same models."""

import io
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from safetensors.numpy import load, save

from api.local.stack import Stack
from tests.support.clock import wait_until

SHORT = {"dataset": "mnist", "seed": 1, "model": {"hidden_layers": [16]}, "training": {"epochs": 1}}


@pytest.fixture
def http(stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.url, timeout=60) as client:
        yield client


@pytest.fixture
def model_id(http: httpx.Client) -> str:
    job = http.post("/v1/jobs", json=SHORT).headers["Location"]
    wait_until(lambda: http.get(job).json()["status"] not in ("queued", "running"))
    found: str = http.get(job).json()["model_id"]
    return found


def test_a_model_comes_back_from_its_files_as_the_same_model(http: httpx.Client, model_id: str) -> None:
    inputs = {"inputs": [row["x"] for row in http.get("/v1/datasets/mnist/samples?split=test").json()["data"]]}
    said = http.post(f"/v1/models/{model_id}/predictions", json=inputs).json()["probabilities"]

    for name in ("safetensors", "npz"):
        file = http.get(f"/v1/models/{model_id}/export", params={"format": name})
        back = http.post("/v1/models", content=file.content)
        assert back.status_code == 201, back.text
        assert http.post(f"/v1/models/{back.json()['id']}/predictions", json=inputs).json()["probabilities"] == said
        assert http.delete(back.headers["Location"]).status_code == 204
    with np.load(io.BytesIO(file.content)) as arrays:
        assert arrays["0.weight"].shape == (16, 784)


def test_a_plain_state_dict_becomes_a_model_and_a_broken_one_does_not(http: httpx.Client, model_id: str) -> None:
    exported = load(http.get(f"/v1/models/{model_id}/export").content)
    architecture = (
        '{"input_shape": [784], "preprocessing": "bytes", "layers": '
        '[{"type": "dense", "units": 16}, {"type": "relu"}, {"type": "dense", "units": 10}]}'
    )
    row = {"inputs": [http.get("/v1/datasets/mnist/samples?limit=1").json()["data"][0]["x"]]}

    plain = http.post("/v1/models", files={"file": save(exported)}, data={"architecture": architecture})
    broken = http.post("/v1/models", files={"file": save(exported)}, data={"architecture": "[]"})

    assert plain.status_code == 201, plain.text
    answers = [http.post(f"/v1/models/{name}/predictions", json=row).json() for name in (model_id, plain.json()["id"])]
    np.testing.assert_allclose(answers[0]["probabilities"], answers[1]["probabilities"], atol=1e-6)
    assert broken.status_code == 422
    assert "architecture: expected an object" in broken.json()["detail"]
