"""Who may ask: holders of an API key or, while there are no keys, callers that reach us on loopback."""

import hmac
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, g, request

from api.errors import Problem
from api.openapi import Access, operation_of
from worker.settings import Settings, digest_of_key

LOOPBACK_HOSTS: Final = ["localhost", "127.0.0.1", "[::1]"]

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def register(app: Flask, settings: Settings, *, insecure: bool) -> None:
    """Ask every request for its key, and tell who asks (`caller`).

    Without keys, only requests addressed to this machine's own names are answered, so that a web page elsewhere
    cannot reach the API through a name that resolves to loopback, and none that a browser sends for a page of another
    origin and that changes anything. `insecure` answers whoever comes.
    """
    if not settings.has_keys and not insecure:
        app.config["TRUSTED_HOSTS"] = LOOPBACK_HOSTS

    @app.before_request
    def _check_key() -> None:
        g.caller = request.remote_addr or ""
        stated = operation_of(app, request.endpoint)
        access: Access = stated.access_for(request.method) if stated is not None else "full"
        if access == "public" or request.method == "OPTIONS":
            return
        if not settings.has_keys:
            _refuse_other_origins(settings)
            return
        digest = _sent_digest()
        may_all, may_read = _is_one_of(digest, settings.api_keys), _is_one_of(digest, settings.read_keys)
        if may_all or may_read:
            g.caller = digest
        g.refusal = None if may_all or (may_read and access == "read") else _refusal(known=may_read)


def caller() -> str:
    """Who asks: the digest of the key, or the address of one without."""
    return str(g.caller)


def check_access() -> None:
    """Refuse a request whose key does not allow it.

    It is a step after `_check_key`, so that a caller who guesses keys is slowed down before (`api.gate.rates`).
    """
    refusal: Problem | None = g.get("refusal")
    if refusal is not None:
        raise refusal


def _sent_digest() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return digest_of_key(token.strip()) if scheme.lower() == "bearer" else ""


def _is_one_of(digest: str, keys: Iterable[str]) -> bool:
    """Every key is compared, and each in constant time, so that the time taken tells nothing."""
    return sum(hmac.compare_digest(digest, key) for key in keys) > 0


def _refusal(*, known: bool) -> Problem:
    if known:
        return Problem(403, "Forbidden", "this key may only read and predict; use one of NEUROND_API_KEYS")
    return Problem(
        401,
        "Unauthorized",
        "this API needs a key: send 'Authorization: Bearer <key>' with one of NEUROND_API_KEYS",
        headers={"WWW-Authenticate": 'Bearer realm="neurond"'},
    )


def _refuse_other_origins(settings: Settings) -> None:
    """A page of another origin may not change anything here: its reader never allowed it."""
    origin = request.headers.get("Origin")
    if request.method in SAFE_METHODS or origin is None or urlsplit(origin).netloc == request.host:
        return
    if "*" in settings.cors_origins or origin in settings.cors_origins:
        return
    raise Problem(
        403,
        "Forbidden",
        f"a page of another origin asks ({origin}); to allow that, name it in NEUROND_CORS_ORIGINS",
    )
