"""Addresses at which there is nothing: a page for a person with a browser, a problem for a program."""

import html
from typing import Final

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

from api.assets import load
from api.errors import Problem
from api.page import PAGE_HEADERS

FOR_PROGRAMS: Final = ("/v1", "/v2", "/static")
"""Under these every answer is for a program, whoever asks."""


def register(app: Flask) -> None:
    """Answer 404 in our own words; at an address that no route has, a browser gets a way back."""

    @app.errorhandler(NotFound)
    def _nothing_there(error: NotFound) -> Response:
        said = error.description if error.description != NotFound.description else None
        detail = said or f"there is nothing at {request.path}; /docs has every address"
        if request.url_rule is None and _is_a_person() and not request.path.startswith(FOR_PROGRAMS):
            return _page(detail)
        return Problem(404, "Not found", detail).response()


def _is_a_person() -> bool:
    """Whether a page is rather wanted than JSON, as by a browser whose address is opened."""
    accepted = request.accept_mimetypes
    return request.method in {"GET", "HEAD"} and accepted["text/html"] > accepted["application/problem+json"]


def _page(detail: str) -> Response:
    sentence = html.escape(detail[:1].upper() + detail[1:] + ".")
    text = load().pages["missing.html"].replace("{{detail}}", sentence)
    return Response(text, 404, mimetype="text/html", headers=PAGE_HEADERS)
