"""The Open Inference Protocol's own shapes."""

from typing import Any

from pydantic import Field

from api.schemas.common import Answered

TENSOR: dict[str, Any] = {"name": "probabilities", "datatype": "FP32", "shape": [1, 2], "data": [0.02, 0.98]}


class ServerMetadata(Answered):
    """The server."""

    name: str
    version: str
    extensions: list[str]


class TensorMetadata(Answered):
    """A tensor that a model takes or gives; -1 stands for the number of rows."""

    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(Answered):
    """A model."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class InferInput(Answered):
    """A tensor of a request: its numbers in `data`, or after the JSON."""

    name: str = Field(description="`input`")
    datatype: str
    shape: list[int]
    data: list[Any] | None = None
    parameters: dict[str, Any] | None = None


class InferOutput(Answered):
    """An output that is asked for."""

    name: str
    parameters: dict[str, Any] | None = None


class InferRequest(Answered):
    """A request for inference."""

    id: str | None = None
    inputs: list[InferInput] = Field(min_length=1, max_length=1)
    outputs: list[InferOutput] | None = None
    parameters: dict[str, Any] | None = None


class InferTensor(Answered):
    """A tensor of an answer: its numbers in `data`, or after the JSON."""

    name: str
    datatype: str
    shape: list[int]
    data: list[Any] | None = None
    parameters: dict[str, Any] | None = None


class InferResponse(Answered):
    """What the model says."""

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[InferTensor]


class ProtocolError(Answered):
    """What every error under /v2 looks like."""

    error: str
