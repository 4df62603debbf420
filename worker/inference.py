"""Predictions: requests of one model that wait together run in one forward pass."""

import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from nn import Model, formats
from nn.errors import NNError
from worker.errors import BlobMissingError, PredictionInputError
from worker.queue import Queue
from worker.settings import Settings
from worker.store import Store
from worker.store.blobs import model_path
from worker.store.predictions import Reply, Request

logger = logging.getLogger(__name__)

REQUESTS_PER_PASS = 64
PASSES_PER_WAKE_UP = 32
"""After so many passes the task hands over, so that one busy model does not keep the others waiting."""

MAX_ROWS = 10_000

LARGEST = float(np.finfo(np.float32).max)


class Inference:
    """Answers the predictions that wait for a model."""

    def __init__(self, store: Store, queue: Queue, settings: Settings) -> None:
        self._store = store
        self._queue = queue
        self._models = ModelCache(store, settings.model_cache_bytes)

    def drain(self, model_id: str) -> None:
        """Answer what waits for the model, until nothing does."""
        for _ in range(PASSES_PER_WAKE_UP):
            requests = self._store.predictions.drain(model_id, REQUESTS_PER_PASS)
            if not requests:
                return
            begun = time.monotonic()
            replies = self._replies(model_id, requests)
            self._count(replies.values(), time.monotonic() - begun)
            self._store.predictions.answer(replies)
        self._queue.send_predict(model_id)

    def _count(self, replies: Iterable[Reply], seconds: float) -> None:
        metrics = self._store.metrics
        kinds = Counter(reply.kind for reply in replies)
        for kind, number in kinds.items():
            metrics.prediction_requests.labels(kind).inc(number)
        metrics.prediction_batch_requests.observe(kinds.total())
        metrics.prediction_pass_seconds.observe(seconds)

    def _replies(self, model_id: str, requests: list[Request]) -> dict[str, Reply]:
        try:
            return answer(self._models.get(model_id), model_id, requests)
        except (NNError, BlobMissingError) as error:
            logger.exception("model %s cannot answer", model_id)
            failure = Reply("failure", orjson.dumps({"message": f"the stored model cannot be used: {error}"}))
            return {request.id: failure for request in requests}


def answer(model: Model, model_id: str, requests: list[Request]) -> dict[str, Reply]:
    """Answer requests to one model with one forward pass; bad input is answered by itself and harms no other."""
    replies: dict[str, Reply] = {}
    rows: list[NDArray[np.float32]] = []
    accepted: list[Request] = []
    for request in requests:
        try:
            rows.append(parse_inputs(request.body, model.input_size))
            accepted.append(request)
        except PredictionInputError as error:
            problem = [{"pointer": error.pointer, "detail": str(error)}]
            replies[request.id] = Reply("bad_input", orjson.dumps(problem))
    if not accepted:
        return replies
    together = rows[0] if len(rows) == 1 else np.concatenate(rows)
    outputs = model.predict_probabilities(together) if model.task == "classification" else model.predict(together)
    end = 0
    for request, own_rows in zip(accepted, rows, strict=True):
        start, end = end, end + len(own_rows)
        replies[request.id] = Reply("prediction", _prediction(model, model_id, request, outputs[start:end]))
    return replies


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


def _prediction(model: Model, model_id: str, request: Request, outputs: NDArray[Any]) -> bytes:
    result: dict[str, Any] = {"predictions": outputs}
    if model.task == "classification":
        result = {"predictions": outputs.argmax(axis=1), "probabilities": outputs}
    return orjson.dumps(
        {
            "id": request.id,
            "object": "prediction",
            "status": "succeeded",
            "model_id": model_id,
            **{name: np.ascontiguousarray(values) for name, values in result.items()},
            "created_at": request.created_at,
            "finished_at": datetime.now(UTC),
            "error": None,
        },
        option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE,
    )


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    names = {dict: "an object", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    return names.get(type(value), "null")


def _escape(name: str) -> str:
    """A field name as a part of a JSON pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


class ModelCache:
    """Models by ID, bounded by the bytes of their files; the least recently asked goes first. Models never change."""

    def __init__(self, store: Store, most_bytes: int) -> None:
        self._store = store
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, tuple[Model, int]] = OrderedDict()

    def get(self, model_id: str) -> Model:
        """The model, read from the blob store when it is not kept."""
        if model_id in self._kept:
            self._kept.move_to_end(model_id)
            return self._kept[model_id][0]
        data = self._store.blobs.get(model_path(model_id))
        model = formats.load(data)
        self._kept[model_id] = (model, len(data))
        while len(self._kept) > 1 and sum(size for _, size in self._kept.values()) > self._most_bytes:
            self._kept.popitem(last=False)
        return model
