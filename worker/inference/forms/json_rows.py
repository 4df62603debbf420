"""`{"inputs": [[…], …]}`, and the prediction as JSON: the form of `/v1`."""

import base64
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from nn import Model
from nn.data.column_alignment import Unknown, read_rows
from nn.data.columns import json_text
from nn.data.notes import Notes
from nn.errors import RowError
from worker.errors import PredictionInputError
from worker.inference.forms import image
from worker.inference.forms.question import Question, check_count
from worker.store.exchange import Reply, Request

LARGEST = float(np.finfo(np.float32).max)

ENCODING = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE


IMAGE_FIELDS = frozenset({"image", "centre", "return_input"})


def read(model: Model, request: Request) -> Question:
    """The rows of the body, `{"inputs": [[…], …]}`, or the one picture of `{"image": "data:image/png;base64,…"}`.

    Raises:
        PredictionInputError: it names the place in the body, what was expected and what came.

    """
    document = _document(request.body)
    if "image" in document:
        return _picture(model, document)
    _refuse_unknown(document, {"inputs", "unknown"})
    inputs, unknown = _inputs(document), document.get("unknown", "missing")
    if unknown not in ("missing", "refuse"):
        raise PredictionInputError("#/unknown", f"expected 'missing' or 'refuse', got {json_text(unknown)}")
    if not model.columns:
        return Question(_numbers(inputs, request.body, model.input_size))
    notes = Notes()
    return Question(_table(inputs, model, unknown, notes), {"notes": notes.listed()})


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise PredictionInputError("#", f"the body is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise PredictionInputError("#", f"expected an object with the field 'inputs', got {_kind(document)}")
    return document


def _refuse_unknown(document: dict[str, Any], known: AbstractSet[str]) -> None:
    unknown = sorted(document.keys() - known)
    if unknown:
        expected = ", ".join(map(repr, sorted(known)))
        raise PredictionInputError(f"#/{_escape(unknown[0])}", f"unknown field; expected only {expected}")


def _picture(model: Model, document: dict[str, Any]) -> Question:
    _refuse_unknown(document, IMAGE_FIELDS)
    for name in ("centre", "return_input"):
        if not isinstance(document.get(name, False), bool):
            raise PredictionInputError(f"#/{name}", f"expected true or false, got {_kind(document[name])}")
    text = document["image"]
    if not isinstance(text, str):
        raise PredictionInputError("#/image", f"expected a data URL, got {_kind(text)}")
    head, comma, encoded = text.partition(",")
    try:
        data = base64.b64decode(encoded if comma else head, validate=True)
    except ValueError as error:
        raise PredictionInputError("#/image", f"expected a PNG or JPEG in base64: {error}") from None
    return image.question(
        model,
        data,
        centre=document.get("centre"),
        return_input=document.get("return_input", False),
        pointer="#/image",
    )


def _inputs(document: dict[str, Any]) -> list[Any]:
    if "inputs" not in document:
        raise PredictionInputError("#/inputs", "this field is required: a list of rows")
    inputs = document["inputs"]
    if not isinstance(inputs, list) or not inputs:
        raise PredictionInputError("#/inputs", f"expected a list of at least one row, got {_kind(inputs)}")
    check_count(len(inputs), "#/inputs")
    return inputs


def _table(inputs: list[Any], model: Model, unknown: Unknown, notes: Notes) -> NDArray[np.float64]:
    """Rows of a table, as lists in the order of its columns or as objects by their names: (rows, columns)."""
    try:
        return read_rows(inputs, model.columns, ignored=model.ignored, unknown=unknown, notes=notes)
    except RowError as error:
        place = "" if error.column is None else f"/{_escape(str(error.column))}"
        raise PredictionInputError(f"#/inputs/{error.row}{place}", error.message) from None


def _numbers(inputs: list[Any], body: bytes, input_size: int) -> NDArray[np.float32]:
    """Rows of plain numbers: (rows, input_size). `body` is what they were read from."""
    for index, row in enumerate(inputs):
        if not isinstance(row, list):
            raise PredictionInputError(f"#/inputs/{index}", f"expected a list of numbers, got {_kind(row)}")
        if len(row) != input_size:
            raise PredictionInputError(f"#/inputs/{index}", f"expected {input_size} numbers, got {len(row)}")
    if b"true" in body or b"false" in body:  # NumPy would take them for 1 and 0
        raise _first_bad_value(inputs, "expected a number")
    try:
        numbers = np.array(inputs)
        if numbers.dtype.kind not in "iuf":
            raise TypeError
        with np.errstate(over="ignore"):
            rows = numbers.astype(np.float32)
    except (TypeError, ValueError, OverflowError):
        raise _first_bad_value(inputs, "expected a number") from None
    if not np.isfinite(rows).all():
        raise _first_bad_value(inputs, "expected a finite number (of float32)")
    return rows


def _first_bad_value(inputs: list[list[Any]], expected: str) -> PredictionInputError:
    for index, row in enumerate(inputs):
        for column, value in enumerate(row):
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or abs(value) > LARGEST:
                shown = value if number else _kind(value)
                return PredictionInputError(f"#/inputs/{index}/{column}", f"{expected}, got {shown}")
    return PredictionInputError("#/inputs", expected)


def write(model: Model, model_id: str, request: Request, question: Question, outputs: NDArray[Any]) -> Reply:
    """The prediction, as `docs/http.md` has it."""
    result: dict[str, Any] = {"predictions": outputs}
    if model.task == "classification":
        result = {"predictions": outputs.argmax(axis=1), "probabilities": outputs}
    prediction = {
        "id": request.id,
        "object": "prediction",
        "status": "succeeded",
        "model_id": model_id,
        **{name: np.ascontiguousarray(values) for name, values in result.items()},
        "notes": [],
        **question.noted,
        "created_at": request.created_at,
        "finished_at": datetime.now(UTC),
        "error": None,
    }
    return Reply("prediction", orjson.dumps(prediction, option=ENCODING), {})


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    names = {dict: "an object", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    return names.get(type(value), "null")


def _escape(name: str) -> str:
    """A field name as a part of a JSON pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")
