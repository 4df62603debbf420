"""The description of this API, for programs and for people: `/openapi.json` and `/docs`."""

import gzip
from typing import Any, Final

import orjson
from flask import Blueprint, Response, current_app

from api.assets import Asset, asset
from api.openapi import Answer, document, operation
from api.page import TEXT, send, send_page
from api.reference.page import page
from api.services import services

blueprint = Blueprint("description", __name__, template_folder="templates")

WRITTEN: Final = "neurond.openapi"
"""Where an app keeps its description: it does not change while the app lives, and writing it takes 50 ms."""

PAGE: Final = "neurond.reference"
"""Where it keeps the page of it."""


@blueprint.get("/openapi.json")
@operation(
    access="public",
    answers={200: Answer("The document.", media={"application/json": {"type": "object"}}, etag=True)},
)
def get_description() -> Response:
    """Describe this API as OpenAPI 3.1."""
    kept = current_app.extensions
    if WRITTEN not in kept:
        body = orjson.dumps(_described(), option=orjson.OPT_APPEND_NEWLINE)
        kept[WRITTEN] = Asset("application/json", body, gzip.compress(body, mtime=0))
    return send(kept[WRITTEN], "no-cache")


@blueprint.get("/docs")
@operation(access="public", answers={200: Answer("The page.", media={"text/html": TEXT}, etag=True)})
def get_docs() -> Response:
    """Show this API to people, to read and to try."""
    kept = current_app.extensions
    if PAGE not in kept:
        kept[PAGE] = asset("reference.html", page(_described()))
    return send_page(kept[PAGE])


def _described() -> dict[str, Any]:
    return document(current_app, keys=services().settings.has_keys)
