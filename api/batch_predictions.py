"""Predictions that nobody waits for: of a body, or of a whole data set. They are kept until they are fetched."""

import math
from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, request

from api.dataset_summary import summary_of
from api.errors import Problem, bad_input
from api.gate.quotas import charge, check
from api.http import json_response
from api.openapi import BINARY, Answer, Body, operation
from api.prediction_http import now, stated
from api.schemas import BatchPrediction, DatasetInput
from api.services import services
from api.work import submit, wait_for_end
from worker.errors import NotFoundError
from worker.store import keys
from worker.store.models import Model
from worker.store.predictions import Format, Prediction, body_path, let_go
from worker.store.records import new_id

blueprint = Blueprint("batch", __name__, url_prefix="/predictions")

MEDIA: Final = {"csv": "text/csv", "npz": "application/octet-stream"}
TABLES: Final = ("csv", "parquet")
MAX_SPEC_BYTES: Final = 16 * 1024


@blueprint.post("")
@operation(
    access="read",
    body=Body(
        examples={"a whole data set": {"model": "digits", "dataset": "mnist", "split": "test", "format": "csv"}},
        most_bytes=MAX_SPEC_BYTES,
    ),
    errors=(404, 409, 507),
    answers={202: Answer("The prediction, queued.", BatchPrediction, headers=("Location", "Retry-After"))},
)
def create_batch_prediction(body: DatasetInput) -> Response:
    """Predict for every row of a part of a data set; the result is a file."""
    store = services().store
    model_id = _model(body.model)
    summary = summary_of(body.dataset)
    _check_fit(summary, store.models.get(model_id))
    split = body.split or ("all" if summary["task"] is None else "test")
    identifier = new_id("pred")
    what = {"dataset": body.dataset, "split": split, "unknown": body.unknown}
    return _queued(_create(identifier, model_id, body.format, what))


@blueprint.get("/<prediction_id>")
@operation(answers={200: Answer("The prediction.", BatchPrediction, etag=True)})
def get_prediction(prediction_id: str) -> Response:
    """Read an asynchronous prediction: how far it is, and its result once there is one."""
    return _as_it_is(services().store.predictions.get(prediction_id))


@blueprint.delete("/<prediction_id>")
@operation(access="read", errors=(409,), answers={204: Answer("It is gone.")})
def delete_prediction(prediction_id: str) -> Response:
    """Delete an asynchronous prediction, its body and its result; who may predict may. While it runs it is 409.

    One that waits still is not run then.
    """
    store = services().store
    store.predictions.delete(prediction_id)
    let_go(store.blobs, store.usage, prediction_id)
    return Response(status=204)


@blueprint.get("/<prediction_id>/result")
@operation(
    errors=(409,),
    answers={
        200: Answer(
            "The file.",
            media={"application/octet-stream": BINARY, "text/csv": {"type": "string"}},
            headers=("Content-Disposition",),
        )
    },
)
def get_result(prediction_id: str) -> Response:
    """Fetch the result for a whole data set: CSV or NPZ, as was asked."""
    store = services().store
    prediction = store.predictions.get(prediction_id)
    if prediction.format == "json":
        raise Problem(404, "Not found", f"the result is in the prediction itself: /v1/predictions/{prediction_id}")
    if prediction.result is None:
        raise Problem(409, "Not ready", f"the prediction is {prediction.status}; there is no result")
    response = Response(store.blobs.stream(prediction.result), content_type=MEDIA[prediction.format])
    response.headers["Content-Disposition"] = f'attachment; filename="{prediction_id}.{prediction.format}"'
    return response


def predict_later(model: str, form: str, *, body: bytes, about: Mapping[str, Any], wait: int | None) -> Response:
    """Queue a prediction for a body, and wait for it as long as the client would like to.

    Raises:
        Problem: 415.
        NotFoundError: there is no such model.
        QueueFullError: the queue is full.
        QuotaExceededError: the caller has reached its quota.
        StorageFullError: there is no space for more.

    """
    identifier = new_id("pred")
    model_id = _model(model)
    asked = {"form": form, "about": stated(about), "created_at": now()}
    prediction = _create(identifier, model_id, "json", asked, body)
    if wait:
        prediction = wait_for_end(keys.PREDICTION, identifier, wait)
    response = _as_it_is(prediction) if prediction.status == "succeeded" else _queued(prediction)
    response.headers["Preference-Applied"] = "respond-async" + (f", wait={wait}" if wait is not None else "")
    return response


def _check_fit(summary: Mapping[str, Any], model: Model) -> None:
    """Refuse arrays of another size. The columns of a table are found by their names, by the worker."""
    size, wanted = math.prod(summary["input_shape"]), math.prod(model.architecture["input_shape"])
    if summary.get("format") not in TABLES and size != wanted:
        detail = f"expected rows of {wanted} numbers as the model takes, got rows of {size}"
        raise bad_input([{"pointer": "#/dataset", "detail": detail}])


def _model(name: str) -> str:
    [model_id] = services().store.models.resolve([name])
    if model_id is None:
        raise NotFoundError("model or alias", name)
    return model_id


def _create(
    identifier: str, model_id: str, result_format: Format, asked: Mapping[str, Any], body: bytes = b""
) -> Prediction:
    """Keep the body, and submit the prediction. It is accepted before its body is written."""
    store = services().store
    store.predictions.check_room()
    check()
    charge(identifier, len(body))

    def write() -> tuple[Prediction, bool]:
        store.predictions.note(identifier)
        if body:
            store.blobs.put(body_path(identifier), body)
        return store.predictions.create(identifier, model_id, result_format, asked), True

    return submit(keys.PREDICTION, identifier, write, undo=lambda: let_go(store.blobs, store.usage, identifier))


def _queued(prediction: Prediction) -> Response:
    response = json_response(BatchPrediction.model_validate(prediction), 202)
    response.headers["Location"] = f"/v1/predictions/{prediction.id}"
    response.headers["Retry-After"] = "1"
    return response


def _as_it_is(prediction: Prediction) -> Response:
    """The record; for rows that were predicted, the prediction as its worker wrote it."""
    if prediction.format != "json" or prediction.result is None:
        return json_response(BatchPrediction.model_validate(prediction), revision=prediction.revision)
    response = Response(services().store.blobs.get(prediction.result), content_type="application/json")
    response.set_etag(str(prediction.revision))
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response
