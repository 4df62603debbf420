"""The Open Inference Protocol, version 2: `/v2/models/{name}/infer`, in JSON and with binary tensors.

https://github.com/open-inference/open-inference-protocol, and for binary tensors Triton's extension "binary data": the
JSON comes first, `Inference-Header-Content-Length` tells its length, the tensors follow in its order.
"""

import base64
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from nn import Model
from worker.errors import PredictionInputError
from worker.inference.codecs import number_lists
from worker.inference.codecs.decoded_input import DecodedInput, check_count, checked
from worker.inference.codecs.number_lists import Pieces
from worker.inference.images import row_of
from worker.inference.picture_file import PixelBudget, opened
from worker.store.prediction_queue import Reply, Request

BYTES: Final = "BYTES"
DATATYPES: Final = {
    "BOOL": np.bool_,
    "UINT8": np.uint8,
    "UINT16": np.uint16,
    "UINT32": np.uint32,
    "UINT64": np.uint64,
    "INT8": np.int8,
    "INT16": np.int16,
    "INT32": np.int32,
    "INT64": np.int64,
    "FP16": np.float16,
    "FP32": np.float32,
    "FP64": np.float64,
}
INPUT: Final = "input"
HEADER_LENGTH: Final = "Inference-Header-Content-Length"

Entry = Mapping[str, Any]


def read(model: Model, request: Request) -> DecodedInput:
    """The rows of the one input tensor. `about` may say `header_length`, where the JSON ends and tensors begin."""
    document, tensors = _document(request)
    inputs = document.get("inputs")
    if not isinstance(inputs, list) or len(inputs) != 1 or not isinstance(inputs[0], dict):
        raise _wrong(f"inputs: expected a list with one tensor, {INPUT!r}")
    tensor = inputs[0]
    name, shape, datatype = tensor.get("name"), tensor.get("shape"), tensor.get("datatype")
    if name != INPUT:
        raise _wrong(f"inputs: expected the tensor {INPUT!r}, got {name!r}")
    if not isinstance(shape, list) or not all(type(size) is int and size >= 0 for size in shape):
        raise _wrong(f"input {INPUT!r}: expected shape to be a list of whole numbers, got {shape!r}")
    if datatype == BYTES:
        rows: NDArray[Any] = _pictures(model, request, tensor, shape, tensors)
    elif isinstance(datatype, str) and datatype in DATATYPES:
        rows = _numbers(model, tensor, shape, DATATYPES[datatype], tensors)
    else:
        known = ", ".join([*DATATYPES, BYTES])
        raise _wrong(f"input {INPUT!r}: expected datatype to be one of {known}, got {datatype!r}")
    return DecodedInput(rows, {"id": document.get("id"), "outputs": _wanted(model, document)})


def write(model: Model, model_id: str, request: Request, decoded: DecodedInput, outputs: NDArray[Any]) -> Reply:
    """The tensors that were asked for, as JSON or in binary, under the ID that the request had."""
    del model_id  # the answer names the model as the request did
    known = output_tensors(model, outputs)
    described: list[dict[str, Any]] = []
    raw: list[bytes] = []
    for name, binary in decoded.noted["outputs"].items():
        datatype, values = known[name]
        tensor: dict[str, Any] = {"name": name, "datatype": datatype, "shape": list(values.shape)}
        if binary:
            raw.append(values.tobytes())
            tensor["parameters"] = {"binary_data_size": len(raw[-1])}
        else:
            tensor["data"] = np.ascontiguousarray(values).reshape(-1)
        described.append(tensor)
    answer: dict[str, Any] = {"model_name": request.about["name"], "model_version": "1", "outputs": described}
    if decoded.noted["id"] is not None:
        answer["id"] = decoded.noted["id"]
    header = orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)
    if not raw:
        return Reply("prediction", header, {"Content-Type": "application/json"})
    headers = {"Content-Type": "application/octet-stream", HEADER_LENGTH: str(len(header))}
    return Reply("prediction", b"".join([header, *raw]), headers)


def output_tensors(model: Model, outputs: NDArray[Any]) -> dict[str, tuple[str, NDArray[Any]]]:
    """By name, what the model's outputs are in the protocol: datatype and little-endian values."""
    if model.task == "classification":
        return {
            "probabilities": ("FP32", outputs.astype("<f4", copy=False)),
            "predictions": ("INT64", outputs.argmax(axis=1).astype("<i8", copy=False)),
        }
    return {"predictions": ("FP32", outputs.astype("<f4"))}


def _document(request: Request) -> tuple[Entry, bytes]:
    """The JSON of a request, and the bytes after it."""
    length = request.about.get("header_length")
    body = request.body if length is None else request.body[:length]
    if length is not None and length > len(request.body):
        raise _wrong(f"{HEADER_LENGTH}: expected at most the body's {len(request.body)} bytes, got {length}")
    try:
        document = number_lists.read(body, "data", request.check_deadline)
    except orjson.JSONDecodeError as error:
        raise _wrong(f"the request is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise _wrong("expected a JSON object with 'inputs'")
    if not isinstance(document.get("id", ""), str):
        raise _wrong(f"id: expected a string, got {document['id']!r}")
    return document, b"" if length is None else request.body[length:]


def _numbers(model: Model, tensor: Entry, shape: list[int], dtype: Any, tensors: bytes) -> NDArray[Any]:
    if len(shape) < 2 or math.prod(shape[1:]) != model.input_size:
        raise _wrong(f"input {INPUT!r}: expected shape [-1, {model.input_size}], got {shape}")
    _check_count(shape[0])
    data = tensor.get("data")
    if data is None:
        raw = _raw(tensor, tensors)
        wanted = math.prod(shape) * np.dtype(dtype).itemsize
        if len(raw) != wanted:
            raise _wrong(f"input {INPUT!r}: expected {wanted} bytes for shape {shape}, got {len(raw)}")
        numbers = np.frombuffer(raw, np.dtype(dtype).newbyteorder("<"))
    else:
        numbers = _numbers_of(data)
        if numbers.size != math.prod(shape):
            raise _wrong(f"input {INPUT!r}: expected {math.prod(shape)} numbers for shape {shape}, got {numbers.size}")
    try:
        return checked(model, numbers.reshape(shape[0], -1), "#")
    except PredictionInputError as error:
        raise _wrong(f"input {INPUT!r}: {error}") from None


def _numbers_of(data: Any) -> NDArray[Any]:
    """The numbers of a JSON array, nested as the shape or flat."""
    pieces = data.pieces if isinstance(data, Pieces) else [data]
    try:
        arrays = [np.array(piece) if isinstance(piece, list) else piece for piece in pieces]
        numbers = arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
    except (ValueError, OverflowError):
        numbers = None
    if not isinstance(numbers, np.ndarray) or numbers.dtype.kind not in "iufb":
        raise _wrong(f"input {INPUT!r}: expected data to be a list of numbers, nested as its shape says or flat")
    return numbers.reshape(-1)


def _pictures(model: Model, request: Request, tensor: Entry, shape: list[int], tensors: bytes) -> NDArray[np.uint8]:
    """BYTES: each element a PNG or JPEG file; in JSON, where bytes cannot stand, as base64."""
    count = math.prod(shape)
    _check_count(count)
    data = tensor.get("data")
    files = _elements(_raw(tensor, tensors)) if data is None else _base64(data)
    if len(files) != count:
        raise _wrong(f"input {INPUT!r}: expected {count} elements for shape {shape}, got {len(files)}")
    budget, pictures, rows = PixelBudget(), [], []
    for number, file in enumerate(files):
        with _element(number):
            pictures.append(opened(file, "#", budget))
    for number, picture in enumerate(pictures):  # once all of them are known to be small enough
        request.check_deadline()
        with _element(number):
            rows.append(row_of(model, picture, centre=None, pointer="#"))
    return np.stack(rows)


@contextmanager
def _element(number: int) -> Iterator[None]:
    """Errors of the block name the element."""
    try:
        yield
    except PredictionInputError as error:
        raise _wrong(f"input {INPUT!r}: element {number}: {error}") from None


def _elements(raw: bytes) -> list[bytes]:
    """The elements of a BYTES tensor: each after its length, four bytes, little-endian."""
    elements, at = [], 0
    while at < len(raw):
        end = at + 4 + int.from_bytes(raw[at : at + 4], "little")
        if at + 4 > len(raw) or end > len(raw):
            raise _wrong(f"input {INPUT!r}: an element of the BYTES tensor ends after the body does")
        elements.append(raw[at + 4 : end])
        at = end
    return elements


def _base64(data: Any) -> list[bytes]:
    if isinstance(data, Pieces):  # of numbers
        data = [None]
    flat = (
        [item for part in data for item in (part if isinstance(part, list) else [part])]
        if isinstance(data, list)
        else []
    )
    try:
        return [base64.b64decode(item.partition("base64,")[2] or item, validate=True) for item in flat]
    except (ValueError, AttributeError):
        raise _wrong(f"input {INPUT!r}: expected data to be a list of images in base64") from None


def _raw(tensor: Entry, tensors: bytes) -> bytes:
    """A tensor's own bytes after the JSON; there is one input, so they are all that is there."""
    parameters = _parameters(tensor, f"input {INPUT!r}", refused=("shared_memory_region",))
    size = parameters.get("binary_data_size")
    if type(size) is not int:
        raise _wrong(f"input {INPUT!r}: expected 'data', or 'binary_data_size' among its parameters")
    if size != len(tensors):
        raise _wrong(f"input {INPUT!r}: expected {size} bytes after the JSON, got {len(tensors)}")
    return tensors


def _wanted(model: Model, document: Entry) -> dict[str, bool]:
    """The outputs that were asked for, by name; whether each is to come in binary."""
    in_binary = bool(_parameters(document, "parameters", refused=("sequence_id",)).get("binary_data_output"))
    names = ["probabilities", "predictions"] if model.task == "classification" else ["predictions"]
    outputs = document.get("outputs")
    if not outputs:
        return dict.fromkeys(names, in_binary)
    if not isinstance(outputs, list) or not all(isinstance(output, dict) for output in outputs):
        raise _wrong("outputs: expected a list of objects")
    wanted = {}
    for output in outputs:
        name = output.get("name")
        if name not in names:
            raise _wrong(f"outputs: expected {' or '.join(map(repr, names))}, got {name!r}")
        parameters = _parameters(output, f"output {name!r}", refused=("shared_memory_region", "classification"))
        wanted[name] = bool(parameters.get("binary_data", in_binary))
    return wanted


def _parameters(entry: Entry, place: str, *, refused: Sequence[str]) -> Entry:
    """The parameters of a part of the request. Those that would change its meaning, and are not served, are refused."""
    parameters = entry.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise _wrong(f"{place}: expected parameters to be an object, got {parameters!r}")
    for name in refused:
        if parameters.get(name):
            raise _wrong(f"{place}: the parameter {name!r} is not served here")
    return parameters


def _check_count(rows: int) -> None:
    try:
        check_count(rows, "#")
    except PredictionInputError as error:
        raise _wrong(f"input {INPUT!r}: {error}") from None


def _wrong(detail: str) -> PredictionInputError:
    return PredictionInputError("#", detail)
