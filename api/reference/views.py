"""`/openapi.json` and `/docs`: the description of this API, for programs and for people."""

import gzip
from typing import Any, Final

import orjson
from flask import Blueprint, Response, current_app

from api.assets import Asset
from api.context import context
from api.openapi import Answer, document, operation
from api.page import PAGE_HEADERS, TEXT, send
from api.reference.page import page

blueprint = Blueprint("reference", __name__, template_folder="templates")

WRITTEN: Final = "neurond.openapi"
"""Where an app keeps its description: it does not change while the app lives, and writing it takes 50 ms."""

PAGE: Final = "neurond.reference"
"""Where it keeps the page of it."""


@blueprint.get("/openapi.json")
@operation(
    access="public",
    answers={200: Answer("The document.", media={"application/json": {"type": "object"}}, etag=True)},
)
def openapi() -> Response:
    """Describe this API as OpenAPI 3.1."""
    kept = current_app.extensions
    if WRITTEN not in kept:
        kept[WRITTEN] = _written("application/json", orjson.dumps(_described(), option=orjson.OPT_APPEND_NEWLINE))
    return _sent(kept[WRITTEN])


@blueprint.get("/docs")
@operation(access="public", answers={200: Answer("The page.", media={"text/html": TEXT}, etag=True)})
def docs() -> Response:
    """Show this API to people, to read and to try."""
    kept = current_app.extensions
    if PAGE not in kept:
        kept[PAGE] = _written("text/html", page(_described()))
    response = _sent(kept[PAGE])
    response.headers.update(PAGE_HEADERS)
    return response


def _described() -> dict[str, Any]:
    return document(current_app, keys=context().settings.has_keys)


def _written(media_type: str, body: bytes) -> Asset:
    return Asset(media_type, body, gzip.compress(body, mtime=0))


def _sent(written: Asset) -> Response:
    return send(written, "no-cache")
