"""Which pages of other origins may call the API from a browser: none, unless the settings name them."""

from typing import Final

from flask import Flask, Response
from flask_cors import CORS

from worker.settings import Settings

SENT: Final = [
    "Authorization",
    "Content-Encoding",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "Inference-Header-Content-Length",
    "Last-Event-ID",
    "Prefer",
]
READ: Final = [
    "Content-Disposition",
    "ETag",
    "Inference-Header-Content-Length",
    "Location",
    "Preference-Applied",
    "Retry-After",
]
"""Headers that such a page may send, and read."""

REMEMBERED_SECONDS: Final = 600


def register(app: Flask, settings: Settings) -> None:
    """Let the pages in that the settings name.

    Raises:
        SettingsError: they are all pages, and there are no keys.

    """
    settings.check_origins()
    if settings.cors_origins:
        CORS(
            app,
            origins=list(settings.cors_origins),
            allow_headers=SENT,
            expose_headers=READ,
            max_age=REMEMBERED_SECONDS,
        )
        app.after_request(_differs_by_origin)


def _differs_by_origin(response: Response) -> Response:
    """For caches between: also an answer to no such page, or to another, is one of several."""
    response.vary.add("Origin")
    return response
