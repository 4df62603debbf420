"""From a request over HTTP to a question for the workers, and from their reply to an answer."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from flask import Response, request

from api.errors import Problem, bad_input
from api.services import services
from worker.observability import tracing
from worker.store.prediction_queue import Reply, Request
from worker.store.records import new_id

ENCODINGS: Final = ("gzip", "deflate")


def ask(model: str, form: str, *, body: bytes, about: Mapping[str, Any], seconds: float | None = None) -> Response:
    """Ask a model, by its ID or alias, and answer with what it says.

    Args:
        model: its ID, or an alias
        form: how the worker reads the body (`worker.inference.codecs`)
        body: what is asked, still packed if the request says that it is
        about: what the form needs to know beside the body
        seconds: how long to wait for an answer; what the settings say when not given

    Raises:
        Problem: 400, 404, 422, 500, 503 or 504.

    """
    client, settings = services().prediction_client, services().settings
    client.start()
    most = settings.predict_timeout_seconds  # a worker that computes for longer is ended
    seconds = most if seconds is None else min(seconds, most)
    asked = Request(new_id("pred"), client.process, form, now(), stated(about), body)
    reply = client.ask(model, asked, seconds=seconds)
    if reply is None:
        raise Problem(
            504,
            "Prediction timed out",
            f"no worker answered within {seconds:g} s; see /readyz for the prediction workers",
        )
    return response_of(reply)


def stated(about: Mapping[str, Any]) -> dict[str, Any]:
    """What the worker should know of the current request beside its body.

    Raises:
        Problem: 415.

    """
    return {**about, **_encoding(), **tracing.carried()}


def now() -> str:
    """The time, as answers have it."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def _encoding() -> dict[str, str]:
    """How the body of the current request is packed, for the worker to know.

    Raises:
        Problem: 415.

    """
    name = request.headers.get("Content-Encoding", "identity").lower()
    if name == "identity":
        return {}
    if name not in ENCODINGS:
        raise bad_body(415, f"expected Content-Encoding: {' or '.join(ENCODINGS)}, got {name}")
    return {"encoding": name}


def response_of(reply: Reply) -> Response:
    """A worker's reply as HTTP.

    Raises:
        Problem: the reply is none.

    """
    if reply.kind == "prediction":
        headers = dict(reply.headers)
        return Response(
            reply.body, content_type=headers.pop("Content-Type", "application/json"), headers=headers or None
        )
    told = orjson.loads(reply.body)
    if reply.kind == "bad_body":
        raise Problem(400, "Bad body", told[0]["detail"], errors=told)
    if reply.kind == "bad_input":
        raise bad_input(told)
    if reply.kind == "not_found":
        raise Problem(404, "Not found", told["message"])
    raise Problem(500, "Prediction failed", told["message"])


def bad_body(status: int, detail: str) -> Problem:
    """400 or 415 for a body that cannot be read."""
    title = "Unsupported media type" if status == 415 else "Bad body"
    return Problem(status, title, detail, errors=[{"pointer": "#", "detail": detail}])
