"""`/openapi.json`: the description of this API, for programs."""

from typing import Final

import orjson
from flask import Blueprint, Response, current_app, request

from api.context import context
from api.openapi import Answer, document, operation

blueprint = Blueprint("reference", __name__)


WRITTEN: Final = "neurond.openapi"
"""Where an app keeps its description: it does not change while the app lives, and writing it takes 50 ms."""


@blueprint.get("/openapi.json")
@operation(
    access="public",
    answers={200: Answer("The document.", media={"application/json": {"type": "object"}}, etag=True)},
)
def openapi() -> Response:
    """Describe this API as OpenAPI 3.1."""
    kept = current_app.extensions
    if WRITTEN not in kept:
        described = document(current_app, keys=bool(context().settings.api_keys))
        kept[WRITTEN] = orjson.dumps(described, option=orjson.OPT_APPEND_NEWLINE)
    response = Response(kept[WRITTEN], content_type="application/json")
    response.add_etag()
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response
