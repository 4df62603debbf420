"""Predictions are what a model answers: at once, later, or for a whole data set.

The body goes to the worker as it came; nothing is decoded here.
"""

from typing import Any, Final

from flask import Blueprint, Response, request

from api import batch_predictions
from api.errors import bad_input
from api.http import whole_body
from api.openapi import BINARY, Answer, Body, operation
from api.prediction_http import ask, bad_body
from api.schemas import BatchPrediction, PredictHeaders, Prediction, PredictionInput, TableQuery, UploadedImage
from worker.settings import Settings

blueprint = Blueprint("predictions", __name__, url_prefix="/v1")
blueprint.register_blueprint(batch_predictions.blueprint)

FORMS: Final = {
    "application/json": "json",
    "application/x-npy": "npy",
    "text/csv": "csv",
    "image/png": "image",
    "image/jpeg": "image",
    "application/octet-stream": "file",
}
"""How a body is read (`worker.inference.codecs`), by its Content-Type."""

TEXTS: Final = ("csv", "file")
"""Those that may be CSV."""

MULTIPART: Final = "multipart/form-data"
FLAGS: Final = {"true": True, "false": False}


def _most_bytes(settings: Settings) -> int:
    return settings.max_prediction_bytes


@blueprint.post("/models/<model_id>/predictions")
@operation(
    access="read",
    body=Body(
        PredictionInput,
        media={
            "application/x-npy": BINARY,
            "text/csv": BINARY,
            "image/png": BINARY,
            "image/jpeg": BINARY,
            "application/octet-stream": BINARY,
            MULTIPART: UploadedImage.model_json_schema(),
        },
        examples={"two rows": {"inputs": [[0.5, 1.5], [2.0, 0.1]]}},
        most_bytes=_most_bytes,
    ),
    errors=(504, 507),
    answers={
        200: Answer("The prediction.", Prediction),
        202: Answer("It comes later.", BatchPrediction, headers=("Location", "Preference-Applied", "Retry-After")),
    },
)
def create_prediction(model_id: str, query: TableQuery, headers: PredictHeaders) -> Response:
    """Predict for rows, or for a picture.

    Rows are in the units of the data that the model was trained on, as JSON, as CSV or as a NumPy array; a picture is a
    PNG or a JPEG, as it is, in a form, or in base64. An `application/octet-stream` is what its first bytes say, else
    CSV. The query says how CSV is written. `Content-Encoding: gzip` and `deflate` are taken. With `Prefer:
    respond-async` the answer is 202, and the result is kept for a day.
    """
    about: dict[str, Any] = {}
    if query.model_fields_set and FORMS.get(request.mimetype) not in TEXTS:
        name = min(query.model_fields_set)
        raise bad_input([{"pointer": f"?{name}", "detail": "expected it beside text/csv or application/octet-stream"}])
    if request.mimetype == MULTIPART:
        body, about, form = *_uploaded(), "image"
    elif request.mimetype in FORMS:
        body, form = whole_body(), FORMS[request.mimetype]
        if form in TEXTS:
            about = {"unknown": query.unknown, "text": query.model_dump(exclude={"unknown"})}
    else:
        expected = " or ".join([*FORMS, MULTIPART])
        raise bad_body(415, f"expected Content-Type: {expected}, got {request.mimetype or 'none'}")
    if not body:
        raise bad_body(400, "the body is empty; expected rows or a picture to predict for")
    if headers.later:
        return batch_predictions.predict_later(model_id, form, body=body, about=about, wait=headers.wait)
    return ask(model_id, form, body=body, about=about, seconds=headers.wait)


def _uploaded() -> tuple[bytes, dict[str, bool]]:
    """The picture of a form, and how it is to be seen."""
    if request.content_encoding:
        raise bad_body(415, f"expected a form as it is, got one packed by {request.content_encoding}")
    file = request.files.get("file")
    if file is None:
        raise bad_input([{"pointer": "#/file", "detail": "this field is required: a PNG or JPEG file"}])
    about: dict[str, bool] = {}
    for name, given in request.form.items():
        if name not in UploadedImage.model_fields or name == "file":
            expected = ", ".join(UploadedImage.model_fields)
            raise bad_input([{"pointer": f"#/{name}", "detail": f"unknown field; expected one of {expected}"}])
        if given not in FLAGS:
            raise bad_input([{"pointer": f"#/{name}", "detail": f"expected true or false, got {given!r}"}])
        about[name] = FLAGS[given]
    return file.read(), about
