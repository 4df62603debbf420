"""Inference for clients that speak the Open Inference Protocol, version 2: https://github.com/open-inference.

Aliases are names here too. A model never changes, so each has one version, "1".
"""

from importlib.metadata import version
from typing import Any, Final

from flask import Blueprint, Response, request
from redis.exceptions import RedisError

from api.errors import Problem, unavailable
from api.http import json_response, whole_body
from api.openapi import BINARY, Answer, Body, operation
from api.prediction_http import ask, bad_body
from api.schemas import InferRequest, InferResponse, ModelMetadata, ProtocolError, ServerMetadata, TensorMetadata
from api.services import services
from worker.errors import NotFoundError
from worker.settings import Settings
from worker.store.models import Model
from worker.work.kind import PREDICTION

blueprint = Blueprint("inference", __name__, url_prefix="/v2")

VERSION: Final = "1"
HEADER_LENGTH: Final = "Inference-Header-Content-Length"
EXTENSIONS: Final = ["binary_tensor_data"]

MODEL: Final = "/models/<model>"
MODEL_VERSION: Final = "/models/<model>/versions/<model_version>"


def _most_bytes(settings: Settings) -> int:
    return settings.max_prediction_bytes


@blueprint.get("/health/live")
@operation(access="public", problem=ProtocolError, answers={200: Answer("It answers.")})
def get_server_liveness() -> Response:
    """Say that this process answers."""
    return Response(status=200)


@blueprint.get("/health/ready")
@operation(access="public", problem=ProtocolError, errors=(503,), answers={200: Answer("It is ready.")})
def get_server_readiness() -> Response:
    """Say that models can be asked."""
    _check_workers()
    return Response(status=200)


@blueprint.get("")
@operation(problem=ProtocolError, answers={200: Answer("The server.", ServerMetadata)})
def get_server_metadata() -> Response:
    """Tell the server's name, version and extensions."""
    return json_response(ServerMetadata(name="neurond", version=version("neurond"), extensions=EXTENSIONS))


@blueprint.get(MODEL, endpoint="get_model_metadata")
@blueprint.get(MODEL_VERSION, endpoint="get_model_version_metadata")
@operation(problem=ProtocolError, errors=(404,), answers={200: Answer("The model.", ModelMetadata)})
def get_model_metadata(model: str, model_version: str = VERSION) -> Response:
    """Tell a model's inputs and outputs."""
    return json_response(_metadata(model, _model(model, model_version)))


@blueprint.get(f"{MODEL}/ready", endpoint="get_model_readiness")
@blueprint.get(f"{MODEL_VERSION}/ready", endpoint="get_model_version_readiness")
@operation(problem=ProtocolError, errors=(404, 503), answers={200: Answer("It is ready.")})
def get_model_readiness(model: str, model_version: str = VERSION) -> Response:
    """Say that a model can be asked."""
    _model(model, model_version)
    _check_workers()
    return Response(status=200)


@blueprint.post(f"{MODEL}/infer", endpoint="create_inference")
@blueprint.post(f"{MODEL_VERSION}/infer", endpoint="create_version_inference")
@operation(
    access="read",
    problem=ProtocolError,
    body=Body(InferRequest, media={"application/octet-stream": BINARY}, most_bytes=_most_bytes),
    errors=(404, 504),
    answers={
        200: Answer("The tensors that were asked for.", InferResponse, media={"application/octet-stream": BINARY})
    },
)
def create_inference(model: str, model_version: str = VERSION) -> Response:
    """Ask a model.

    The one input is called `input`: rows of numbers, `[-1, n]`, or for a model of images `BYTES` that each hold a PNG
    or JPEG (in base64, where the tensor is JSON). Binary tensors are taken and given as
    `Inference-Header-Content-Length` says. No Content-Type is asked for.
    """
    _check_version(model, model_version)
    about: dict[str, Any] = {"name": model}
    length = request.headers.get(HEADER_LENGTH)
    if length is not None:
        if not (length.isascii() and length.isdigit() and len(length) < 12):
            raise bad_body(400, f"{HEADER_LENGTH}: expected a number of bytes, got {length!r}")
        about["header_length"] = int(length)
    body = whole_body()
    if not body:
        raise bad_body(400, "the body is empty; expected a JSON object with 'inputs'")
    return ask(model, "protocol", body=body, about=about)


def _model(name: str, model_version: str) -> Model:
    _check_version(name, model_version)
    store = services().store
    [model_id] = store.models.resolve([name])
    if model_id is None:
        raise NotFoundError("model", name)
    return store.models.get(model_id)


def _check_version(name: str, model_version: str) -> None:
    if model_version != VERSION:
        raise Problem(404, "Not found", f"model {name!r} has one version, {VERSION!r}; there is no {model_version!r}")


def _check_workers() -> None:
    try:
        workers = services().store.workers.names(PREDICTION)
    except RedisError:
        raise unavailable("Redis cannot be reached") from None
    if not workers:
        raise unavailable(
            "no prediction worker is at hand: none was seen lately, or it is stuck; start one with 'neurond worker "
            "prediction'"
        )


def _metadata(name: str, model: Model) -> ModelMetadata:
    size = 1
    for length in model.architecture["input_shape"]:
        size *= length
    if model.task == "classification":
        outputs = [
            TensorMetadata(name="probabilities", datatype="FP32", shape=[-1, len(model.classes)]),
            TensorMetadata(name="predictions", datatype="INT64", shape=[-1]),
        ]
    else:
        targets = [layer["units"] for layer in model.architecture["layers"] if "units" in layer][-1]
        outputs = [
            TensorMetadata(name="predictions", datatype="FP32", shape=[-1, targets] if targets > 1 else [-1]),
        ]
    return ModelMetadata(
        name=name,
        versions=[VERSION],
        platform="neurond",
        inputs=[TensorMetadata(name="input", datatype=_input_datatype(model), shape=[-1, size])],
        outputs=outputs,
    )


def _input_datatype(model: Model) -> str:
    """What keeps each number of a row: a table's are float64, milliseconds since 1970 among them."""
    return "FP64" if model.architecture["preprocessing"]["kind"] == "table" else "FP32"
