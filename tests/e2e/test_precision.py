"""Numbers that float32 cannot tell apart: a client that obeys `/v2`'s metadata gets what `/v1` says."""

import httpx
import numpy as np
import pytest

import nn
from api.local.stack import Stack
from nn.data import Column, Dataset
from tests.support.needs import module

triton = module("tritonclient.http")

pytestmark = [
    pytest.mark.peers,
    pytest.mark.filterwarnings(  # what the client does is its own
        "ignore::DeprecationWarning", "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"
    ),
]

TIMES = np.array([[1.7e12], [1.7e12 + 99_000]])


def table() -> nn.Model:
    x = 1.7e12 + 1000.0 * np.arange(100)[:, None]
    y = (np.arange(100) >= 50).astype(int)
    data = Dataset(x, y, x, y, "classification", ("early", "late"), (1,), "times", (Column("t"),))
    model = nn.Model.build(data, hidden_layers=[], rng=np.random.default_rng(1))
    model.network.parameters[...] = [-1, 1, 0, 0]  # late for what lies above the mean
    return model


def test_milliseconds_are_told_apart_by_each_protocol(stack: Stack) -> None:
    headers = {"Content-Type": "application/octet-stream"}
    model_id = httpx.post(f"{stack.url}/v1/models", content=nn.formats.save(table()), headers=headers).json()["id"]
    address = f"{stack.url}/v1/models/{model_id}/predictions"
    first = httpx.post(address, json={"inputs": TIMES.tolist()}).json()
    client = triton.InferenceServerClient(stack.url.removeprefix("http://"))
    [given] = client.get_model_metadata(model_id)["inputs"]
    tensor = triton.InferInput(given["name"], list(TIMES.shape), given["datatype"])
    tensor.set_data_from_numpy(TIMES.astype({"FP32": np.float32, "FP64": np.float64}[given["datatype"]]))

    answer = client.infer(model_id, [tensor])

    assert first["predictions"] == [0, 1]
    assert answer.as_numpy("predictions").tolist() == first["predictions"]
    np.testing.assert_allclose(answer.as_numpy("probabilities"), first["probabilities"], atol=1e-7)
    client.close()
