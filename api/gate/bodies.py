"""No body is read that is larger than its route takes: 413."""

from flask import Flask, request

from api.openapi import operation_of
from worker.settings import Settings


def register(app: Flask, settings: Settings) -> None:
    """Hold every request of `app` to what its operation states."""
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes

    @app.before_request
    def _limit_body() -> None:
        stated = operation_of(app, request.endpoint)
        if stated is not None and stated.body is not None:
            request.max_content_length = stated.body.limit(settings)
