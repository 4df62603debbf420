"""`/openapi.json` and `/docs`: the description of this API, for programs and for people."""

from typing import Final

import orjson
from flask import Blueprint, Response, current_app, request

from api.context import context
from api.openapi import BINARY, Answer, document, operation
from api.reference.files import INDEX, ReferenceFile, reference_file
from worker.errors import NotFoundError

blueprint = Blueprint("reference", __name__)

WRITTEN: Final = "neurond.openapi"
"""Where an app keeps its description: it does not change while the app lives, and writing it takes 50 ms."""

PAGE_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}
"""Nothing comes from elsewhere, nothing goes elsewhere, and no text becomes a script or a style."""


@blueprint.get("/openapi.json")
@operation(
    access="public",
    answers={200: Answer("The document.", media={"application/json": {"type": "object"}}, etag=True)},
)
def openapi() -> Response:
    """Describe this API as OpenAPI 3.1."""
    kept = current_app.extensions
    if WRITTEN not in kept:
        described = document(current_app, keys=context().settings.has_keys)
        kept[WRITTEN] = orjson.dumps(described, option=orjson.OPT_APPEND_NEWLINE)
    return _unless_known(Response(kept[WRITTEN], content_type="application/json"))


@blueprint.get("/docs")
@operation(access="public", answers={200: Answer("The page.", media={"text/html": {"type": "string"}}, etag=True)})
def docs() -> Response:
    """Show this API to people, to read and to try."""
    return _sent(reference_file(INDEX))


@blueprint.get("/docs/<file>")
@operation(
    access="public",
    answers={200: Answer("The file.", media={"text/javascript": BINARY, "text/css": BINARY}, etag=True)},
)
def docs_file(file: str) -> Response:
    """Read a file of the page."""
    found = reference_file(file)
    if found is None or file == INDEX:
        raise NotFoundError("file of the reference", file)
    return _sent(found)


def _sent(file: ReferenceFile | None) -> Response:
    assert file is not None  # noqa: S101  # the page is part of the package
    zipped = request.accept_encodings.quality("gzip") > 0
    response = Response(file.gzipped if zipped else file.body, content_type=file.content_type)
    response.headers.update(PAGE_HEADERS)
    response.vary.add("Accept-Encoding")
    if zipped:
        response.content_encoding = "gzip"
    return _unless_known(response)


def _unless_known(response: Response) -> Response:
    """The answer under its ETag, or 304 for a client that has it."""
    response.add_etag()
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response
