"""How an object store is reached, by what the environment says of it, and what is wrong where it is not."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from obstore.store import ObjectStore, from_url

from worker.errors import BlobError

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

PIECE_BYTES: Final = 8 * 1024 * 1024
"""Bytes of a large blob that travel in one request, and are in memory at a time."""

AT_ONCE: Final = 2
"""Pieces of one blob under way at a time. More would share a slow line until none is through in time."""


@dataclass(frozen=True)
class Patience:
    """How long an object store is waited for."""

    connect_seconds: float
    request_seconds: float
    """From the connection to the end of the answer, whatever the size: `AT_ONCE` pieces share a line meanwhile."""
    retries: int
    retry_seconds: float
    """Time since the first try after which no other is made."""


WORKING: Final = Patience(connect_seconds=3, request_seconds=150, retries=5, retry_seconds=60)
"""150 s for two pieces of 8 MiB: a line of 1 Mbit/s is enough."""

PROBING: Final = Patience(connect_seconds=1.5, request_seconds=2, retries=1, retry_seconds=2)
"""A probe is a few bytes, and somebody waits for what it says."""

CLIENT_OPTIONS: Final = (
    "allow_http",
    "allow_invalid_certificates",
    "connect_timeout",
    "timeout",
    "proxy_url",
    "proxy_ca_certificate",
    "proxy_excludes",
)
"""What obstore takes of a connection; AWS_ALLOW_HTTP, AWS_PROXY_URL, … say it, as GOOGLE_… do for `gs://`."""

PREFIXES: Final = {"s3": "AWS_", "s3a": "AWS_", "gs": "GOOGLE_"}
"""What the variables of each kind of store begin with."""

AWS_HINTS: Final = (
    ("NoSuchBucket", "there is no such bucket: see NEUROND_BLOB_URL, and AWS_ENDPOINT_URL for where it is looked for"),
    ("InvalidAccessKeyId", "AWS_ACCESS_KEY_ID is not known there"),
    ("SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID"),
    ("InvalidToken", "AWS_SESSION_TOKEN is not valid"),
    ("ExpiredToken", "AWS_SESSION_TOKEN has expired"),
    ("AuthorizationHeaderMalformed", "AWS_REGION is not the bucket's region"),
    ("PermanentRedirect", "AWS_REGION is not the bucket's region"),
    ("301 Moved", "AWS_REGION is not the bucket's region"),
    ("169.254.", "there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this host a role"),
    ("403 Forbidden", "AWS_ACCESS_KEY_ID may not do this in the bucket of NEUROND_BLOB_URL"),
    ("401 Unauthorized", "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not accepted"),
    ("builder error", "AWS_ENDPOINT_URL is http://, and that is taken with AWS_ALLOW_HTTP=true only"),
    ("error sending request", "AWS_ENDPOINT_URL, or without it the region in AWS_REGION, does not answer in time"),
)
"""What an error of S3 has in it, and which variable it is about; the first that fits."""

GOOGLE_HINTS: Final = (
    ("NoSuchBucket", "there is no such bucket: see NEUROND_BLOB_URL"),
    ("169.254.", "there are no credentials: set GOOGLE_APPLICATION_CREDENTIALS, or give this host a service account"),
    ("metadata", "there are no credentials: set GOOGLE_APPLICATION_CREDENTIALS, or give this host a service account"),
    ("service account file", "GOOGLE_APPLICATION_CREDENTIALS cannot be read"),
    ("pem file", "GOOGLE_APPLICATION_CREDENTIALS holds no private key"),
    ("token request", "GOOGLE_APPLICATION_CREDENTIALS is not accepted"),
    (
        "403 Forbidden",
        "GOOGLE_APPLICATION_CREDENTIALS may not do this in the bucket of NEUROND_BLOB_URL",
    ),
    ("401 Unauthorized", "GOOGLE_APPLICATION_CREDENTIALS is not accepted"),
    ("error sending request", "Google's storage does not answer in time"),
)

HINTS: Final = {"s3": AWS_HINTS, "s3a": AWS_HINTS, "gs": GOOGLE_HINTS}

NO_BUCKET: Final = "NoSuchBucket"


def open_store(url: str, patience: Patience, environment: Mapping[str, str] = os.environ) -> ObjectStore:
    """The store at `url`; connected at its first use.

    Raises:
        ValueError: a variable cannot be used; the message names it.
        obstore.exceptions.BaseError: the URL cannot be used.
    """
    prefix = PREFIXES.get(urlsplit(url).scheme, "")
    if prefix == "AWS_":
        _check_endpoint(environment.get("AWS_ENDPOINT_URL") or environment.get("AWS_ENDPOINT") or "")
    options: dict[str, Any] = {
        "connect_timeout": timedelta(seconds=patience.connect_seconds),
        "timeout": timedelta(seconds=patience.request_seconds),
        **dict(_said(prefix, environment)),
    }
    retries: RetryConfig = {
        "max_retries": patience.retries,
        "retry_timeout": timedelta(seconds=patience.retry_seconds),
    }
    return from_url(url, client_options=cast("ClientConfig", options), retry_config=retries)


def failure(what: str, url: str, error: Exception) -> BlobError:
    """The error that says `what` could not be done at the store at `url`, why, and which variable that is about."""
    text = str(error)
    hint = next((hint for part, hint in HINTS.get(urlsplit(url).scheme, ()) if part in text), "")
    said = text.partition("\n")[0]  # what follows is the library's own debugging text
    return BlobError(f"{what}: {hint} ({said})" if hint else f"{what}: {said}", hint=hint)


def _said(prefix: str, environment: Mapping[str, str]) -> Iterator[tuple[str, str | bool]]:
    """The options of the connection that the environment says."""
    for name in CLIENT_OPTIONS:
        value = environment.get(prefix + name.upper(), "")
        if prefix and value:
            yield name, value.lower() in {"1", "true", "yes"} if name.startswith("allow_") else value


def _check_endpoint(endpoint: str) -> None:
    """Refuse what obstore would answer with a panic, which is no Exception."""
    if endpoint and not endpoint.startswith(("http://", "https://")):
        raise ValueError(f"AWS_ENDPOINT_URL: expected http://host:port or https://host, got {endpoint!r}")
