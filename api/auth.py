"""Who may ask: holders of an API key or, while there are no keys, callers that reach us on loopback."""

import hmac
from typing import Final

from flask import Flask, request

from api.errors import Problem
from api.openapi import operation_of
from worker.settings import Settings, digest_of_key

LOOPBACK_HOSTS: Final = ["localhost", "127.0.0.1", "[::1]"]


def register(app: Flask, settings: Settings, *, insecure: bool) -> None:
    """Ask every request for its key.

    Without keys, only requests addressed to this machine's own names are answered, so that a web page elsewhere
    cannot reach the API through a name that resolves to loopback. `insecure` answers whoever comes.
    """
    if not settings.api_keys:
        if not insecure:
            app.config["TRUSTED_HOSTS"] = LOOPBACK_HOSTS
        return

    @app.before_request
    def _check_key() -> None:
        stated = operation_of(app, request.endpoint)
        if stated is not None and stated.access_for(request.method) == "public":
            return
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        digest = digest_of_key(token.strip())
        # Every key is compared, and each in constant time, so that the time taken tells nothing.
        known = [hmac.compare_digest(digest, key) for key in settings.api_keys]
        if scheme.lower() != "bearer" or not any(known):
            raise Problem(
                401,
                "Unauthorized",
                "this API needs a key: send 'Authorization: Bearer <key>' with one of NEUROND_API_KEYS",
                headers={"WWW-Authenticate": 'Bearer realm="neurond"'},
            )
