"""The rate limit: requests a minute for each key, or for each address without one."""

import math

from flask import Flask, request

from api.errors import Problem
from api.gate.auth import caller
from api.openapi import operation_of
from api.services import services
from worker.settings import Settings


def register(app: Flask, settings: Settings) -> None:
    """Take every request from its caller's allowance; health checks and the pages' own files are free."""
    if not settings.rate_limit:
        return

    @app.before_request
    def _take() -> None:
        stated = operation_of(app, request.endpoint)
        if request.method == "OPTIONS" or (stated is not None and stated.access_for(request.method) == "public"):
            return
        seconds = services().store.rate_limit.spend(caller())
        if seconds:
            raise Problem(
                429,
                "Too many requests",
                f"at most {settings.rate_limit} requests a minute; the next one may come in {seconds:.3g} s",
                headers={"Retry-After": str(math.ceil(seconds))},
            )
