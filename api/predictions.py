"""`/v1/models/{id}/predictions`: ask a model. The body goes to the worker as it came; nothing is decoded here."""

from datetime import UTC, datetime
from typing import Any, Final

import orjson
from flask import Blueprint, Response, request

from api.context import context
from api.errors import Problem, bad_input
from api.openapi import BINARY, Answer, Body, operation
from api.schemas import Prediction, PredictionInput
from worker import tracing
from worker.store.exchange import Reply, Request
from worker.store.records import new_id

blueprint = Blueprint("predictions", __name__, url_prefix="/v1/models")

FORMS: Final = {"application/json": "json", "application/x-npy": "npy"}
"""How a body is read (`worker.inference.forms`), by its Content-Type."""

ENCODINGS: Final = ("gzip", "deflate")


@blueprint.post("/<model_id>/predictions")
@operation(
    access="read",
    body=Body(
        PredictionInput,
        media={"application/x-npy": BINARY},
        examples={"two rows": {"inputs": [[0.5, 1.5], [2.0, 0.1]]}},
    ),
    errors=(504,),
    answers={200: Answer("The prediction.", Prediction)},
)
def predict(model_id: str) -> Response:
    """Predict for rows, in the units of the data that the model was trained on."""
    settings, asker = context().settings, context().asker
    form = FORMS.get(request.mimetype)
    if form is None:
        raise _bad_body(415, f"expected Content-Type: {' or '.join(FORMS)}, got {request.mimetype or 'none'}")
    asker.start()
    asked = Request(
        id=new_id("pred"),
        reply_to=asker.process,
        form=form,
        created_at=datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        about=_encoding() | tracing.carried(),
        body=request.get_data(cache=False),
    )
    if not asked.body:
        raise _bad_body(400, "the body is empty; expected rows to predict for")
    reply = asker.ask(model_id, asked, seconds=settings.predict_timeout_seconds)
    if reply is None:
        raise Problem(
            504,
            "Prediction timed out",
            f"no worker answered within {settings.predict_timeout_seconds:g} s; see /readyz for the prediction workers",
        )
    return response_of(reply)


def _encoding() -> dict[str, Any]:
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding in ENCODINGS:
        return {"encoding": encoding}
    if encoding == "identity":
        return {}
    raise _bad_body(415, f"expected Content-Encoding: {' or '.join(ENCODINGS)}, got {encoding}")


def response_of(reply: Reply) -> Response:
    """An answer as HTTP."""
    if reply.kind == "prediction":
        return Response(reply.body, content_type="application/json")
    told = orjson.loads(reply.body)
    if reply.kind == "bad_input":
        if told[0]["pointer"] == "#":
            raise Problem(400, "Bad body", told[0]["detail"], errors=told)
        raise bad_input(told)
    if reply.kind == "not_found":
        raise Problem(404, "Not found", told["message"])
    raise Problem(500, "Prediction failed", told["message"])


def _bad_body(status: int, detail: str) -> Problem:
    title = "Unsupported media type" if status == 415 else "Bad body"
    return Problem(status, title, detail, errors=[{"pointer": "#", "detail": detail}])
