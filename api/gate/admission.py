"""No more is taken in than Redis has room for: 503 with Retry-After, while reading and cancelling go on."""

from typing import Final

from flask import Flask, request

from api.services import services

ALWAYS: Final = ".cancel_"
"""What makes room, or ends work, is done however full Redis is."""


def register(app: Flask) -> None:
    """Ask before every request that brings something."""

    @app.before_request
    def _is_there_room() -> None:
        if request.method in {"POST", "PUT"} and request.endpoint is not None and ALWAYS not in request.endpoint:
            services().store.memory_guard.check()
