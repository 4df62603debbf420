"""`{"inputs": [[…], …]}`, and the prediction as JSON: the form of `/v1`."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from nn import Model
from worker.errors import PredictionInputError
from worker.inference.forms.question import MAX_ROWS, Question
from worker.store.exchange import Reply, Request

LARGEST = float(np.finfo(np.float32).max)

ENCODING = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE


def read(model: Model, request: Request) -> Question:
    """The rows of the body; see `parse_inputs`."""
    return Question(parse_inputs(request.body, model.input_size))


def parse_inputs(body: bytes, input_size: int) -> NDArray[np.float32]:
    """Read `{"inputs": [[…], …]}`.

    Returns:
        inputs: (rows, input_size)

    Raises:
        PredictionInputError: it names the place in the body, what was expected and what came.

    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise PredictionInputError("#", f"the body is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise PredictionInputError("#", f"expected an object with the field 'inputs', got {_kind(document)}")
    unknown = sorted(document.keys() - {"inputs"})
    if unknown:
        raise PredictionInputError(f"#/{_escape(unknown[0])}", "unknown field; expected only 'inputs'")
    if "inputs" not in document:
        raise PredictionInputError("#/inputs", "this field is required: a list of rows of numbers")
    inputs = document["inputs"]
    if not isinstance(inputs, list) or not inputs:
        raise PredictionInputError("#/inputs", f"expected a list of at least one row, got {_kind(inputs)}")
    if len(inputs) > MAX_ROWS:
        raise PredictionInputError("#/inputs", f"expected at most {MAX_ROWS} rows, got {len(inputs)}")
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
