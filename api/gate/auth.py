"""Who may ask: holders of an API key or, while there are no keys, callers that reach us on loopback."""

import hmac
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, g, request
from werkzeug.exceptions import NotFound

from api.errors import Problem
from api.openapi import Access, operation_of
from worker.credentials import digest_of_key
from worker.settings import Settings

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def register(app: Flask, settings: Settings) -> None:
    """Ask every request for its key, and tell who asks (`caller`).

    Without keys, nothing is answered that a browser sends for a page of another site, nor what a page of another
    origin sends to change anything.
    """

    @app.before_request
    def _check_key() -> None:
        g.caller = request.remote_addr or ""
        stated = operation_of(app, request.endpoint)
        access: Access = stated.access_for(request.method) if stated is not None else "full"
        nothing_there = isinstance(request.routing_exception, NotFound)
        if access == "public" or request.method == "OPTIONS" or nothing_there:
            return
        if not settings.has_keys:
            _refuse_other_pages(settings)
            return
        digest = _sent_digest()
        may_all, may_read = _is_one_of(digest, settings.api_keys), _is_one_of(digest, settings.read_keys)
        g.reads_only = may_read and not may_all
        if may_all or may_read:
            g.caller = g.key = digest
        g.refusal = None if may_all or (may_read and access == "read") else _refusal(known=may_read, sent=bool(digest))


def caller() -> str:
    """Who asks: the digest of the key, or the address of one without."""
    return str(g.caller)


def own(name: str) -> str:
    """A name that the caller chose, apart from the same name of another key's holder.

    Without keys all callers are one. What comes out holds the hash of the key, never the key.
    """
    digest: str | None = g.get("key")
    return name if digest is None else f"{digest} {name}"


def check_access() -> None:
    """Refuse a request whose key does not allow it.

    It is a step after `_check_key`, so that a caller who guesses keys is slowed down before (`api.gate.rates`).
    """
    refusal: Problem | None = g.get("refusal")
    if refusal is not None:
        raise refusal


def _sent_digest() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    key = token.strip()
    return digest_of_key(key) if key and scheme.lower() == "bearer" else ""


def _is_one_of(digest: str, keys: Iterable[str]) -> bool:
    """Every key is compared, and each in constant time, so that the time taken tells nothing."""
    return sum(hmac.compare_digest(digest, key) for key in keys) > 0


def _refusal(*, known: bool, sent: bool) -> Problem:
    """403 for a key without this right; 401 for an unknown key, and for none (RFC 6750, section 3.1)."""
    if known:
        return Problem(403, "Forbidden", "this key may only read and predict; use one of NEUROND_API_KEYS")
    if sent:
        return Problem(
            401,
            "Unauthorized",
            "this API does not know the key that was sent: expected one of NEUROND_API_KEYS or NEUROND_READ_KEYS",
            headers={"WWW-Authenticate": 'Bearer realm="neurond", error="invalid_token"'},
        )
    return Problem(
        401,
        "Unauthorized",
        "this API needs a key: send 'Authorization: Bearer <key>' with one of NEUROND_API_KEYS",
        headers={"WWW-Authenticate": 'Bearer realm="neurond"'},
    )


def _refuse_other_pages(settings: Settings) -> None:
    """Refuse a browser that asks for a page which nobody let in.

    Pages of other sites may not even load anything (https://www.w3.org/TR/fetch-metadata/); those of this site, such as
    another port's, may not change anything.
    """
    origin = request.headers.get("Origin")
    if origin is not None and origin in settings.cors_origins:
        return
    other_site = request.headers.get("Sec-Fetch-Site") == "cross-site"
    other_origin = origin is not None and urlsplit(origin).netloc != request.host
    if other_site or (other_origin and request.method not in SAFE_METHODS):
        raise Problem(
            403,
            "Forbidden",
            f"a page of another origin asks ({origin or 'which one, its browser does not say'}); "
            "to allow that, name it in NEUROND_CORS_ORIGINS",
        )
