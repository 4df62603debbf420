"""`/v1/models/{id}/predictions`: ask a model. The body goes to the worker as it came; nothing is decoded here."""

import time

import orjson
from flask import Blueprint, Response

from api.context import context
from api.errors import Problem, bad_input
from api.openapi import Answer, Body, operation
from api.requests import raw_json_body
from api.schemas import Prediction, PredictionInput
from worker.errors import NotFoundError
from worker.store.predictions import Reply, new_request

blueprint = Blueprint("predictions", __name__, url_prefix="/v1/models")


@blueprint.post("/<model_id>/predictions")
@operation(
    access="read",
    body=Body(PredictionInput, examples={"two rows": {"inputs": [[0.5, 1.5], [2.0, 0.1]]}}),
    errors=(504,),
    answers={200: Answer("The prediction.", Prediction)},
)
def predict(model_id: str) -> Response:
    """Predict for rows, in the units of the data that the model was trained on."""
    store, queue, settings = context().store, context().queue, context().settings
    body = raw_json_body()
    model_id = store.aliases.resolve(model_id)
    if not store.models.exists(model_id):
        raise NotFoundError("model", model_id)
    asked = new_request(body)
    if store.predictions.ask(model_id, asked):
        queue.send_predict(model_id)
    deadline = time.monotonic() + settings.predict_timeout_seconds
    while time.monotonic() < deadline:
        reply = store.predictions.wait(asked.id)
        if reply is not None:
            return _response(reply)
        if store.predictions.wake_again(model_id):
            queue.send_predict(model_id)
    raise Problem(
        504,
        "Prediction timed out",
        f"no worker answered within {settings.predict_timeout_seconds:g} s; see /readyz for the prediction workers",
    )


def _response(reply: Reply) -> Response:
    if reply.kind == "prediction":
        return Response(reply.body, content_type="application/json")
    if reply.kind == "bad_input":
        problems = orjson.loads(reply.body)
        if problems[0]["pointer"] == "#":
            raise Problem(400, "Bad body", problems[0]["detail"], errors=problems)
        raise bad_input(problems)
    raise Problem(500, "Prediction failed", orjson.loads(reply.body)["message"])
