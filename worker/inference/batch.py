"""Many requests to one model, one forward pass."""

import logging
import zlib
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from nn import Model
from nn.errors import NNError
from worker.errors import BlobMissingError, PredictionInputError
from worker.inference.cache import ModelCache
from worker.inference.forms import FORMS, Question
from worker.store.exchange import Reply, Request

logger = logging.getLogger(__name__)

ROWS_PER_PASS: Final = 8192
"""Requests with more rows than this between them are run in several passes, to bound memory."""

BLOCK_ROWS: Final = 8
MANY_ROWS: Final = 64
"""A request with so many rows runs by itself, as fast as it can: nothing beside it can change its answer."""

OVERFLOWS: Final = "expected numbers that the network can compute with, got some for which it overflows"

Asked = list[tuple[Request, Question]]


def answer(
    models: ModelCache, model_id: str, requests: list[Request], *, most_bytes: int
) -> list[tuple[Request, Reply]]:
    """Answer requests to one model; bad input is answered by itself and harms no other.

    Args:
        most_bytes: the largest body, once it is unpacked
    """
    try:
        model = models.get(model_id)
    except BlobMissingError:
        reply = _message("not_found", f"no model {model_id!r}; it never existed, or was deleted")
        return [(request, reply) for request in requests]
    except NNError as error:
        logger.exception("model %s cannot answer", model_id)
        reply = _message("failure", f"the stored model cannot be used: {error}")
        return [(request, reply) for request in requests]
    answers: list[tuple[Request, Reply]] = []
    asked: Asked = []
    for request in requests:
        try:
            asked.append((request, FORMS[request.form].read(model, unpacked(request, most_bytes))))
        except PredictionInputError as error:
            problem = [{"pointer": error.pointer, "detail": str(error)}]
            answers.append((request, Reply("bad_input", orjson.dumps(problem), {})))
        except Exception:
            # One request must not take those beside it down, nor come again and again.
            logger.exception("request %s of form %s cannot be read", request.id, request.form)
            answers.append((request, _message("failure", "the request cannot be read; the worker's log says why")))
    for part in _passes(asked):
        answers += _run(model, model_id, part)
    return answers


def unpacked(request: Request, most_bytes: int) -> Request:
    """The request with its body as it was before `Content-Encoding`.

    Raises:
        PredictionInputError: the body is not what its encoding says, or too large once it is unpacked.

    """
    encoding = request.about.get("encoding")
    if encoding is None:
        return request
    body, packed = b"", request.body
    while packed:  # gzip's members, one after the other (RFC 1952, 2.2)
        inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: either header, gzip's or zlib's
        try:
            body += inflater.decompress(packed, most_bytes + 1 - len(body))
        except zlib.error as error:
            raise PredictionInputError("#", f"the body is not {encoding}: {error}") from None
        if len(body) > most_bytes:
            raise PredictionInputError("#", f"the body is too large once unpacked: at most {most_bytes} bytes")
        if not inflater.eof:
            raise PredictionInputError("#", f"the body is not {encoding}: it ends too early")
        packed = inflater.unused_data
    return Request(request.id, request.reply_to, request.form, request.created_at, request.about, body)


def _passes(asked: Asked) -> Iterator[Asked]:
    """Requests in portions of about `ROWS_PER_PASS` rows."""
    part: Asked = []
    rows = 0
    for request, question in asked:
        part.append((request, question))
        rows += len(question.rows)
        if rows >= ROWS_PER_PASS:
            yield part
            part, rows = [], 0
    if part:
        yield part


def _run(model: Model, model_id: str, asked: Asked) -> list[tuple[Request, Reply]]:
    small = [question.rows for _, question in asked if len(question.rows) < MANY_ROWS]
    try:
        together = iter(small_outputs(model, small))
        return [
            (
                request,
                _reply(
                    model,
                    model_id,
                    request,
                    question,
                    next(together) if len(question.rows) < MANY_ROWS else outputs_of(model, question.rows),
                ),
            )
            for request, question in asked
        ]
    except Exception:
        logger.exception("model %s cannot answer", model_id)
        reply = _message("failure", "the model cannot answer; the worker's log says why")
        return [(request, reply) for request, _ in asked]


def _reply(model: Model, model_id: str, request: Request, question: Question, outputs: NDArray[Any]) -> Reply:
    row = overflown(outputs)
    if row is None:
        return FORMS[request.form].write(model, model_id, request, question, outputs)
    return Reply("bad_input", orjson.dumps([{"pointer": f"#/inputs/{row}", "detail": OVERFLOWS}]), {})


def small_outputs(model: Model, requests: list[NDArray[Any]]) -> list[NDArray[Any]]:
    """The outputs for the rows of each request, the same to the bit whatever it runs with.

    A matrix product adds its terms in an order that depends on how many rows there are, but not on which of them a row
    is. So all rows run in blocks of one size, the last one filled up.
    """
    if not requests:
        return []
    rows = requests[0] if len(requests) == 1 else np.concatenate(requests)
    lacking = -len(rows) % BLOCK_ROWS
    if lacking:
        rows = np.concatenate([rows, np.zeros((lacking, rows.shape[1]), rows.dtype)])
    blocks = [outputs_of(model, rows[start : start + BLOCK_ROWS]) for start in range(0, len(rows), BLOCK_ROWS)]
    outputs = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
    ends = accumulate((len(own) for own in requests), initial=0)
    return [outputs[start:end] for start, end in pairwise(ends)]


def overflown(outputs: NDArray[Any]) -> int | None:
    """The first row for which the network overflowed; None where there is none."""
    sound = np.isfinite(outputs)
    return None if sound.all() else int(np.argwhere(~sound)[0][0])


def outputs_of(model: Model, rows: NDArray[Any]) -> NDArray[Any]:
    """What the model says of rows: (rows, classes) probabilities, or values for regression."""
    return model.predict_probabilities(rows) if model.task == "classification" else model.predict(rows)


def _message(kind: str, message: str) -> Reply:
    return Reply(kind, orjson.dumps({"message": message}), {})
