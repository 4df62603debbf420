"""`{"inputs": [[…], …]}`, and the prediction as JSON: the form of `/v1`."""

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any, Final, TypeGuard

import numpy as np
import orjson
from numpy.typing import NDArray

from nn import Model
from nn.data.column_alignment import Unknown, read_rows
from nn.data.columns import json_text
from nn.data.notes import Notes
from nn.errors import RowError
from worker.errors import PredictionInputError
from worker.inference.codecs import image, number_lists
from worker.inference.codecs.decoded_input import DecodedInput, check_count
from worker.inference.codecs.number_lists import Piece, Pieces
from worker.store.prediction_queue import Reply, Request

LARGEST = float(np.finfo(np.float32).max)

ENCODING = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE


ROWS_AT_ONCE: Final = 64
"""Rows of a table that are read between two looks at the deadline: about a millisecond for ten columns."""

IMAGE_FIELDS = frozenset({"image", "centre", "return_input"})


def read(model: Model, request: Request) -> DecodedInput:
    """The rows of the body, `{"inputs": [[…], …]}`, or the one picture of `{"image": "data:image/png;base64,…"}`.

    Raises:
        PredictionInputError: it names the place in the body, what was expected and what came.

    """
    document = _document(model, request)
    if "image" in document:
        return _picture(model, document)
    _refuse_unknown(document, {"inputs", "unknown"})
    inputs, unknown = _inputs(document), document.get("unknown", "missing")
    if unknown not in ("missing", "refuse"):
        raise PredictionInputError("#/unknown", f"expected 'missing' or 'refuse', got {json_text(unknown)}")
    if not model.columns:
        if isinstance(inputs, list):
            inputs = number_lists.in_pieces(inputs, request.body, request.check_deadline)
        return DecodedInput(_numbers(inputs, model.input_size, request.check_deadline))
    notes = Notes()
    rows = _Paced(inputs, request.check_deadline)
    return DecodedInput(_table(rows, model, unknown, notes), {"notes": notes.listed()})


def _document(model: Model, request: Request) -> dict[str, Any]:
    try:
        if model.columns:  # what a value means there depends on whether it has a decimal point
            document = orjson.loads(request.body)
        else:
            document = number_lists.read(request.body, "inputs", request.check_deadline)
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


def _picture(model: Model, document: dict[str, Any]) -> DecodedInput:
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
    return image.decoded(
        model,
        data,
        centre=document.get("centre"),
        return_input=document.get("return_input", False),
        pointer="#/image",
    )


def _inputs(document: dict[str, Any]) -> Any:
    if "inputs" not in document:
        raise PredictionInputError("#/inputs", "this field is required: a list of rows")
    inputs = document["inputs"]
    if not isinstance(inputs, list | Pieces) or not inputs:
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


class _Paced(list[Any]):
    """Rows that are gone through with a look at the deadline now and then."""

    def __init__(self, rows: Iterable[Any], check: Callable[[], object]) -> None:
        super().__init__(rows)
        self._check = check

    def __iter__(self) -> Iterator[Any]:
        for number, row in enumerate(super().__iter__()):
            if number % ROWS_AT_ONCE == 0:
                self._check()
            yield row


def _numbers(inputs: Pieces, input_size: int, check: Callable[[], object]) -> NDArray[np.float32]:
    """Rows of plain numbers: (rows, input_size)."""
    arrays = [piece for piece in inputs.pieces if _is_sound(piece, input_size)]
    if len(arrays) == len(inputs.pieces):
        # As one array would have it: a whole number beside one with a decimal point is rounded twice.
        common = np.result_type(*{array.dtype for array in arrays})
        with np.errstate(over="ignore"):
            parts = [array.astype(common, copy=False).astype(np.float32) for array in arrays]
        rows = parts[0] if len(parts) == 1 else np.concatenate(parts)
        if np.isfinite(rows).all():
            return rows
    raise _first_error(inputs.pieces, input_size, check)


def _is_sound(piece: Piece, input_size: int) -> TypeGuard[NDArray[Any]]:
    return isinstance(piece, np.ndarray) and piece.ndim == 2 and piece.shape[1] == input_size


def _first_error(pieces: Sequence[Piece], input_size: int, check: Callable[[], object]) -> PredictionInputError:
    """The first error: a row that is no list of `input_size` values; where there is none, a value that is no number."""
    starts = list(accumulate(map(len, pieces), initial=0))
    for start, piece in zip(starts, pieces, strict=False):
        check()
        if error := _shape_error(piece, start, input_size):
            return error
    numbers = all(_is_sound(piece, input_size) for piece in pieces)
    expected = "expected a finite number (of float32)" if numbers else "expected a number"
    for start, piece in zip(starts, pieces, strict=False):
        check()
        for index, row in enumerate(piece if isinstance(piece, list) else piece.tolist(), start):
            for column, value in enumerate(row):
                number = isinstance(value, int | float) and not isinstance(value, bool)
                if not number or abs(value) > LARGEST:
                    shown = value if number else _kind(value)
                    return PredictionInputError(f"#/inputs/{index}/{column}", f"{expected}, got {shown}")
    return PredictionInputError("#/inputs", expected)


def _shape_error(piece: Piece, start: int, input_size: int) -> PredictionInputError | None:
    """The first row that is no list of `input_size` values; `start` is the number of the piece's first row."""
    if isinstance(piece, list):
        rows = [len(row) if isinstance(row, list) else _kind(row) for row in piece]
    else:  # all as the first
        rows = ["a number" if piece.ndim == 1 else piece.shape[1]]
    for index, length in enumerate(rows, start):
        if isinstance(length, str):
            return PredictionInputError(f"#/inputs/{index}", f"expected a list of numbers, got {length}")
        if length != input_size:
            return PredictionInputError(f"#/inputs/{index}", f"expected {input_size} numbers, got {length}")
    return None


def write(model: Model, model_id: str, request: Request, decoded: DecodedInput, outputs: NDArray[Any]) -> Reply:
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
        **decoded.noted,
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
