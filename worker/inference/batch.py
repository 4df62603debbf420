"""Many requests to one model, one forward pass."""

import logging
import time
from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from nn import Model
from nn.errors import NNError
from worker.errors import BlobMissingError, BrokenBodyError, PredictionExpiredError, PredictionInputError
from worker.inference.cache import ModelCache
from worker.inference.codecs import CODECS, DecodedInput
from worker.inference.unpacking import unpacked
from worker.store.prediction_queue import Reply, Request

logger = logging.getLogger(__name__)

ROWS_PER_PASS: Final = 8192
"""Requests with more rows than this between them are run in several portions, to bound memory."""

BLOCK_ROWS: Final = 8
MANY_ROWS: Final = 64
"""Rows from which a request runs by itself, as fast as it can: nothing beside it can change its answer."""

OVERFLOWS: Final = "expected numbers that the network can compute with, got some for which it overflows"

MAX_OUTPUTS: Final = 10_000_000
"""Numbers in the answer to one request: as many as 10,000 rows of a thousand classes have."""

READING_SECONDS: Final = 0.25
"""How long requests of one portion are read: those read by then do not wait for the others."""

Asked = list[tuple[Request, DecodedInput]]
Answers = list[tuple[Request, Reply]]


def answer(models: ModelCache, model_id: str, requests: list[Request], *, most_bytes: int) -> Answers:
    """The answers to requests to one model, all of them."""
    return [one for portion in portions(models, model_id, requests, most_bytes=most_bytes) for one in portion]


def portions(models: ModelCache, model_id: str, requests: list[Request], *, most_bytes: int) -> Iterator[Answers]:
    """Answer requests to one model; bad input is answered by itself and harms no other.

    They come in portions of about `ROWS_PER_PASS` rows, or of `MAX_OUTPUTS` numbers, each read, run and encoded before
    the next is begun. A request that nobody waits for any more is left out.

    Args:
        models: where the model comes from
        model_id: its ID
        requests: to be answered
        most_bytes: the largest body, once it is unpacked

    """
    try:
        model = models.get(model_id)
    except BlobMissingError:
        reply = _message("not_found", f"no model {model_id!r}; it never existed, or was deleted")
        yield [(request, reply) for request in requests]
        return
    except (NNError, MemoryError) as error:
        logger.exception("model %s cannot answer", model_id)
        if isinstance(error, MemoryError):
            models.clear()
        reply = _message("failure", f"the stored model cannot be used: {_reason(error)}")
        yield [(request, reply) for request in requests]
        return
    answers: Answers = []
    asked: Asked = []
    most_rows = min(ROWS_PER_PASS, MAX_OUTPUTS // model.outputs)
    rows, since = 0, time.monotonic()
    for request in requests:
        decoded = _read(model, request, most_bytes)
        if isinstance(decoded, DecodedInput):
            asked.append((request, decoded))
            rows += len(decoded.rows)
        elif decoded is not None:
            answers.append((request, decoded))
        if rows >= most_rows or time.monotonic() > since + READING_SECONDS:
            yield [*answers, *_run(models, model, model_id, asked)]
            answers, asked, rows, since = [], [], 0, time.monotonic()
    if answers or asked:
        yield [*answers, *_run(models, model, model_id, asked)]


def _read(model: Model, request: Request, most_bytes: int) -> DecodedInput | Reply | None:
    """What a request asks; or what must be said of it; or None when nobody waits any more."""
    is_json = False
    try:
        request.check_deadline()
        plain = unpacked(request, most_bytes)
        is_json = request.form == "json"
        decoded = CODECS[request.form].read(model, plain)
        rows, outputs = len(decoded.rows), model.outputs
        if rows * outputs > MAX_OUTPUTS:
            most = f"at most {MAX_OUTPUTS // outputs} rows of {outputs} outputs each"
            raise PredictionInputError("#/inputs", f"expected {most}, got {rows}; send them in several requests")
    except PredictionExpiredError:
        return None
    except PredictionInputError as error:
        # What is wrong with JSON as a whole is that it is none, or no object.
        broken = error.pointer == "#" and (isinstance(error, BrokenBodyError) or is_json)
        problems = [{"pointer": error.pointer, "detail": str(error)}]
        return Reply("bad_body" if broken else "bad_input", orjson.dumps(problems), {})
    except Exception as error:
        # One request must not take those beside it down, nor come again and again.
        logger.exception("request %s of form %s cannot be read", request.id, request.form)
        return _message("failure", f"the request cannot be read: {_reason(error)}")
    return decoded


def _run(models: ModelCache, model: Model, model_id: str, asked: Asked) -> Answers:
    """Answer what was read: small requests in one pass, each large one in its own."""
    small = [one for one in asked if len(one[1].rows) < MANY_ROWS]
    large = [[one] for one in asked if len(one[1].rows) >= MANY_ROWS]
    answers: Answers = []
    for part in [small, *large] if small else large:
        done = 0
        try:
            for (request, decoded), outputs in zip(part, _outputs(model, part), strict=True):
                answers.append((request, _reply(model, model_id, request, decoded, outputs)))
                done += 1
        except PredictionExpiredError as error:
            logger.info("a pass was left: %s", error)
        except Exception as error:
            logger.exception("model %s cannot answer", model_id)
            if isinstance(error, MemoryError):
                models.clear()  # the buffers of this one, and room for the next
            reply = _message("failure", f"the model cannot answer: {_reason(error)}")
            answers += [(request, reply) for request, _ in part[done:]]
    return answers


def _reply(model: Model, model_id: str, request: Request, decoded: DecodedInput, outputs: NDArray[Any]) -> Reply:
    row = overflown(outputs)
    if row is None:
        return CODECS[request.form].write(model, model_id, request, decoded, outputs)
    return Reply("bad_input", orjson.dumps([{"pointer": f"#/inputs/{row}", "detail": OVERFLOWS}]), {})


def _outputs(model: Model, asked: Asked) -> list[NDArray[Any]]:
    """The outputs for the rows of each request, the same to the bit whatever it runs with.

    A matrix product adds its terms in an order that depends on how many rows there are, but not on which of them a row
    is. So the rows of small requests run in blocks of one size, the last one filled up; a large request has its own.

    Raises:
        PredictionExpiredError: between two blocks nobody waited any more.

    """
    requests = [decoded.rows for _, decoded in asked]
    rows = requests[0] if len(requests) == 1 else np.concatenate(requests)
    patient = max((request for request, _ in asked), key=lambda request: request.deadline)
    outputs = outputs_by_block(model, rows, few=len(requests[0]) < MANY_ROWS, check=patient.check_deadline)
    ends = accumulate((len(own) for own in requests), initial=0)
    return [outputs[start:end] for start, end in pairwise(ends)]


def outputs_by_block(
    model: Model, rows: NDArray[Any], *, few: bool, check: Callable[[], object] = lambda: None
) -> NDArray[Any]:
    """What the model says of rows, at least one. `few`: they belong to requests of less than `MANY_ROWS`, whose blocks
    have one size for all; `check` is called before each block, and may raise.
    """
    size, count = model.network.rows_at_once, len(rows)
    if few:
        size = min(BLOCK_ROWS, size)
        lacking = -count % size
        if lacking:
            rows = np.concatenate([rows, np.zeros((lacking, rows.shape[1]), rows.dtype)])
    blocks: list[NDArray[Any]] = []
    for start in range(0, len(rows), size):
        check()
        blocks.append(outputs_of(model, rows[start : start + size]))
    return (blocks[0] if len(blocks) == 1 else np.concatenate(blocks))[:count]


def overflown(outputs: NDArray[Any]) -> int | None:
    """The first row for which the network overflowed; None where there is none."""
    sound = np.isfinite(outputs)
    return None if sound.all() else int(np.argwhere(~sound)[0][0])


def outputs_of(model: Model, rows: NDArray[Any]) -> NDArray[Any]:
    """What the model says of rows: (rows, classes) probabilities, or values for regression."""
    return model.predict_probabilities(rows) if model.task == "classification" else model.predict(rows)


def _message(kind: str, message: str) -> Reply:
    return Reply(kind, orjson.dumps({"message": message}), {})


def _reason(error: BaseException) -> str:
    """Why something of ours failed, as far as a caller may know."""
    if isinstance(error, MemoryError):
        return "it needs more memory than a prediction may take (NEUROND_MAX_PREDICT_MEMORY_BYTES)"
    return str(error) if isinstance(error, NNError) else "the worker's log says why"
