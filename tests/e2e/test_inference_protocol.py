"""Clients of the Open Inference Protocol that nobody here wrote, as their packages have them."""

import asyncio
import base64
import io
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx
import numpy as np
import pytest
from PIL import Image

import nn
from api.local.stack import Stack
from neurond import Client
from tests.support.needs import module

Answer = TypeVar("Answer")


def run(asked: Coroutine[Any, Any, Answer]) -> Answer:
    """In a thread of its own: in this one a browser's test may have left its loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asked).result()


triton = module("tritonclient.http")
triton_aio = module("tritonclient.http.aio")
open_inference = module("open_inference.openapi.client")
InferenceServerException = module("tritonclient.utils").InferenceServerException
ApiError = module("open_inference.openapi.core.api_error").ApiError
BadRequestError = module("open_inference.openapi.errors").BadRequestError
types = module("open_inference.openapi.types")

pytestmark = [
    pytest.mark.peers,
    pytest.mark.filterwarnings(
        # What the clients do is theirs.
        "ignore::DeprecationWarning",
        "ignore::pytest.PytestUnraisableExceptionWarning",
        "ignore::ResourceWarning",
    ),
]

MNIST = nn.datasets.load("mnist")
IMAGES = MNIST.x_test[:5].astype(np.float32)


@pytest.fixture(scope="module")
def model_id(stack: Stack) -> str:
    with Client(stack.url) as client:
        spec = {"dataset": "mnist", "seed": 1, "model": {"hidden_layers": [32]}, "training": {"epochs": 1}}
        response = httpx.post(f"{stack.url}/v1/jobs", json=spec)
        *_, job = client.follow(response.json()["id"])
        return job["model_id"]


@pytest.fixture(scope="module")
def expected(stack: Stack, model_id: str) -> np.ndarray:
    """What /v1 says of the images."""
    answer = httpx.post(f"{stack.url}/v1/models/{model_id}/predictions", json={"inputs": IMAGES.tolist()})
    return np.array(answer.json()["probabilities"], np.float32)


@pytest.fixture
def client(stack: Stack):
    with triton.InferenceServerClient(stack.url.removeprefix("http://")) as client:
        yield client


@pytest.fixture
def open_client(stack: Stack):
    with httpx.Client() as connection:
        yield open_inference.OpenInferenceClient(base_url=stack.url, httpx_client=connection)


def tensor(values: np.ndarray, datatype: str = "FP32", *, binary: bool, module=triton):
    made = module.InferInput("input", list(values.shape), datatype)
    made.set_data_from_numpy(values, binary_data=binary)
    return made


def check(result, expected: np.ndarray) -> None:
    np.testing.assert_allclose(result.as_numpy("probabilities"), expected, atol=1e-6)
    assert result.as_numpy("predictions").tolist() == expected.argmax(axis=1).tolist()


def test_triton_finds_the_server_and_the_model(client, model_id: str) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready(model_id)
    assert client.is_model_ready(model_id, "1")
    assert not client.is_model_ready(model_id, "2")
    assert not client.is_model_ready("nobody")
    assert client.get_server_metadata()["name"] == "neurond"
    metadata = client.get_model_metadata(model_id)
    assert metadata == client.get_model_metadata(model_id, "1")
    assert metadata["inputs"] == [{"name": "input", "datatype": "FP32", "shape": [-1, 784]}]
    assert [output["name"] for output in metadata["outputs"]] == ["probabilities", "predictions"]


@pytest.mark.parametrize("binary", [False, True])
def test_triton_infers(client, model_id: str, expected: np.ndarray, binary: bool) -> None:
    outputs = [triton.InferRequestedOutput(name, binary_data=binary) for name in ("predictions", "probabilities")]

    asked = client.infer(model_id, [tensor(IMAGES, binary=binary)], outputs=outputs, request_id="seven")
    default = client.infer(model_id, [tensor(IMAGES, binary=binary)], model_version="1")

    check(asked, expected)
    check(default, expected)
    response = asked.get_response()
    assert (response["id"], response["model_name"], response["model_version"]) == ("seven", model_id, "1")
    assert [output["name"] for output in response["outputs"]] == ["predictions", "probabilities"]
    assert "id" not in default.get_response()


@pytest.mark.parametrize("datatype", ["UINT8", "INT64", "FP16", "FP64"])
def test_triton_sends_any_datatype(client, model_id: str, expected: np.ndarray, datatype: str) -> None:
    dtype = {"UINT8": np.uint8, "INT64": np.int64, "FP16": np.float16, "FP64": np.float64}[datatype]

    check(client.infer(model_id, [tensor(IMAGES.astype(dtype), datatype, binary=True)]), expected)


def test_triton_sends_images_in_their_own_shape_or_packed(client, model_id: str, expected: np.ndarray) -> None:
    shaped = tensor(IMAGES.reshape(-1, 28, 28), binary=True)

    check(client.infer(model_id, [shaped]), expected)
    for algorithm in ("gzip", "deflate"):
        check(
            client.infer(
                model_id,
                [shaped],
                request_compression_algorithm=algorithm,
                response_compression_algorithm="gzip",
            ),
            expected,
        )


@pytest.mark.parametrize("binary", [False, True])
def test_triton_sends_pictures_as_bytes(client, model_id: str, binary: bool) -> None:
    files = []
    for row in IMAGES:
        file = io.BytesIO()
        Image.fromarray(row.reshape(28, 28).astype(np.uint8)).save(file, "PNG")
        files.append(file.getvalue() if binary else base64.b64encode(file.getvalue()))

    result = client.infer(model_id, [tensor(np.array(files, dtype=np.object_), "BYTES", binary=binary)])

    assert result.as_numpy("predictions").tolist() == MNIST.y_test[:5].tolist()


def test_triton_asks_without_waiting(client, model_id: str, expected: np.ndarray) -> None:
    handles = [client.async_infer(model_id, [tensor(IMAGES, binary=True)]) for _ in range(8)]

    for handle in handles:
        check(handle.get_result(), expected)


def test_triton_asks_with_asyncio(stack: Stack, model_id: str, expected: np.ndarray) -> None:
    async def ask() -> list:
        async with triton_aio.InferenceServerClient(stack.url.removeprefix("http://")) as client:
            assert await client.is_server_ready()
            assert (await client.get_model_metadata(model_id))["platform"] == "neurond"
            with pytest.raises(InferenceServerException, match="nobody"):
                await client.infer("nobody", [tensor(IMAGES, binary=True, module=triton_aio)])
            questions = [
                client.infer(model_id, [tensor(IMAGES, binary=binary, module=triton_aio)]) for binary in (True, False)
            ]
            return await asyncio.gather(*questions)

    for result in run(ask()):
        check(result, expected)


@pytest.mark.parametrize(
    ("model", "version", "values", "name", "words"),
    [
        ("nobody", "", IMAGES, "input", "no model or alias 'nobody'"),
        (None, "2", IMAGES, "input", "one version, '1'"),
        (None, "", IMAGES[:, :5], "input", r"expected shape \[-1, 784\], got \[5, 5\]"),
        (None, "", IMAGES[:0], "input", "at least one row"),
        (None, "", IMAGES * np.nan, "input", "finite"),
        (None, "", IMAGES, "pixels", "expected the tensor 'input', got 'pixels'"),
    ],
)
def test_triton_reads_each_error(client, model_id: str, model, version, values, name, words) -> None:
    asked = triton.InferInput(name, list(values.shape), "FP32")
    asked.set_data_from_numpy(values, binary_data=True)

    with pytest.raises(InferenceServerException, match=words) as raised:
        client.infer(model or model_id, [asked], model_version=version)

    assert raised.value.status() == ("404" if model or version else "400")


def test_triton_reads_the_errors_of_what_is_not_served(client, model_id: str) -> None:
    unknown = [triton.InferRequestedOutput("logits")]
    classes = [triton.InferRequestedOutput("probabilities", class_count=3)]
    asked = [tensor(IMAGES, binary=True)]

    with pytest.raises(InferenceServerException, match="got 'logits'"):
        client.infer(model_id, asked, outputs=unknown)
    with pytest.raises(InferenceServerException, match="'classification' is not served"):
        client.infer(model_id, asked, outputs=classes)
    with pytest.raises(InferenceServerException, match="'sequence_id' is not served"):
        client.infer(model_id, asked, sequence_id=5)
    with pytest.raises(InferenceServerException) as raised:
        client.get_model_config(model_id)
    assert raised.value.status() == "404"


def test_the_open_inference_client_finds_and_asks(open_client, model_id: str, expected: np.ndarray) -> None:
    client = open_client
    given = types.RequestInput(name="input", shape=[5, 784], datatype="FP32", data=IMAGES.tolist())

    client.check_server_liveness()
    client.check_server_readiness()
    client.check_model_readiness(model_id)
    client.check_model_version_readiness(model_id, "1")
    server, model = client.read_server_metadata(), client.read_model_metadata(model_id)
    answer = client.model_infer(model_id, request=types.InferenceRequest(id="7", inputs=[given]))

    assert (server.name, model.name, model.versions) == ("neurond", model_id, ["1"])
    assert answer.id == "7"
    assert {output.name for output in answer.outputs} == {"probabilities", "predictions"}
    [probabilities] = [output for output in answer.outputs if output.name == "probabilities"]
    np.testing.assert_allclose(
        np.reshape(probabilities.data.dict()["__root__"], probabilities.shape), expected, atol=1e-6
    )


def test_the_open_inference_client_reads_each_error(open_client, model_id: str) -> None:
    client = open_client
    good = types.RequestInput(name="input", shape=[1, 784], datatype="FP32", data=[0.0] * 784)
    short = types.RequestInput(name="input", shape=[1, 5], datatype="FP32", data=[0.0] * 5)

    with pytest.raises(ApiError, match="nobody"):
        client.read_model_metadata("nobody")
    with pytest.raises(ApiError, match="nobody"):
        client.model_infer("nobody", request=types.InferenceRequest(inputs=[good]))
    with pytest.raises(BadRequestError, match="expected shape"):
        client.model_infer(model_id, request=types.InferenceRequest(inputs=[short]))


def test_the_open_inference_client_asks_with_asyncio(stack: Stack, model_id: str) -> None:
    given = types.RequestInput(name="input", shape=[1, 784], datatype="FP32", data=IMAGES[0].tolist())

    async def ask():
        async with httpx.AsyncClient() as connection:
            client = open_inference.AsyncOpenInferenceClient(base_url=stack.url, httpx_client=connection)
            await client.check_server_readiness()
            return await client.model_infer(model_id, request=types.InferenceRequest(inputs=[given]))

    assert run(ask()).model_name == model_id


def test_an_alias_is_a_name_too(stack: Stack, client, model_id: str, expected: np.ndarray) -> None:
    httpx.put(f"{stack.url}/v1/aliases/digits", json={"model_id": model_id}).raise_for_status()

    assert client.get_model_metadata("digits")["name"] == "digits"
    result = client.infer("digits", [tensor(IMAGES, binary=True)])
    check(result, expected)
    assert result.get_response()["model_name"] == "digits"


@pytest.mark.parametrize("path", ["/v2/nothing", "/v2/models/m/infer", "/v2/models/m/stats"])
def test_every_error_under_v2_is_the_protocols_own(stack: Stack, path: str) -> None:
    response = httpx.get(stack.url + path)

    assert response.status_code in {404, 405}
    assert response.headers["Content-Type"] == "application/json"
    assert list(response.json()) == ["error"]
