"""What an address may look like: what names something in a path has one shape, and slashes are what they are."""

from typing import Final

from flask import Flask, request
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

IDENTIFIER: Final = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}"
"""An ID, an alias, a version, the name of a file."""


class Identifier(BaseConverter):
    """A part of a path; another shape names nothing, so it is 404."""

    regex = IDENTIFIER


def register(app: Flask) -> None:
    """Hold every route of `app` to it; must come before the routes. The name of an alias is judged where it is made.

    An end slash changes nothing. Double slashes are not merged: werkzeug would redirect, in HTML, to what `Host` says.
    """
    app.url_map.converters["default"] = Identifier
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False

    @app.before_request
    def _no_slashes_before() -> None:
        # Werkzeug strips them, and load shedding, which looks at paths before the app does, would see another one.
        if request.environ.get("PATH_INFO", "").startswith("//"):
            raise NotFound("no address begins with two slashes")
