"""Requests to one server: tried again where that helps, and answered or raised."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx
from httpx_retries import Retry, RetryTransport

from neurond.errors import ApiError, ClientError, UnreachableError
from neurond.urls import check_server_url

RETRIED_STATUSES: Final = (429, 502, 503)
"""The server did nothing and says so; a proxy between may say 502."""

RETRIED_METHODS: Final = ("GET", "POST", "PUT", "DELETE")
"""All: a submit carries an idempotency key, and no other call does harm when it comes twice."""

STREAMED: Final = ("text/event-stream", "application/octet-stream", "text/csv")
"""What is read bit by bit: events, models, and results of whole data sets."""

MOST_TRIES: Final = 30
FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 10.0

ONCE: Final[dict[str, Any]] = {"retry": Retry(total=0)}
"""For a request whose first answer counts."""


class Connection:
    """An HTTP client that keeps its connections, and its patience."""

    def __init__(self, url: str, *, api_key: str | None, timeout: float, patience: float) -> None:
        try:
            check_server_url(url)
        except ValueError as error:
            raise UnreachableError(str(error)) from None
        self.url = url
        key = (api_key or "").strip()
        if not (key.isascii() and key.isprintable()):
            raise ClientError("the API key holds characters that no key can hold; look at NEUROND_API_KEY")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        retry = Retry(
            total=MOST_TRIES if patience > 0 else 0,
            total_timeout=patience or None,
            allowed_methods=RETRIED_METHODS,
            status_forcelist=RETRIED_STATUSES,
            backoff_factor=FIRST_PAUSE_SECONDS,
            backoff_jitter=0.5,
            max_backoff_wait=LONGEST_PAUSE_SECONDS,
        )
        with self._reached():
            transport = RetryTransport(httpx.HTTPTransport(verify=_trusted(url)), retry)
            self.http = httpx.Client(base_url=url, headers=headers, timeout=timeout, transport=transport)

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request; gives what was answered, if it is no error.

        Raises:
            ApiError: the API answered with a problem.
            UnreachableError: nobody answered, or another server than one of neurond.
            ClientError: it cannot be said in JSON.

        """
        with self._reached():
            request = self._built(method, path, **options)
            response = checked(self.http.send(request))
        if response.content:
            self._check_kind(response, "application/json")
        return response

    @contextmanager
    def stream(self, method: str, path: str, **options: Any) -> Iterator[httpx.Response]:
        """Send a request whose answer is read bit by bit; raises as `send` does."""
        with self._reached(), self.http.stream(method, path, **options) as response:
            if not response.is_success:
                response.read()
            self._check_kind(checked(response), *STREAMED)
            yield response

    def _check_kind(self, response: httpx.Response, *kinds: str) -> None:
        if not response.headers.get("Content-Type", "").startswith(kinds):
            raise UnreachableError(f"{self.url} does not answer as neurond does; NEUROND_URL names another server")

    def _built(self, method: str, path: str, **options: Any) -> httpx.Request:
        extensions = options.pop("extensions", None)
        try:
            return self.http.build_request(method, path, extensions=extensions, **options)
        except ValueError as error:
            raise ClientError(f"{error}: numbers have to be finite; null is a missing value") from None

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except httpx.TransportError as error:
            raise UnreachableError(
                f"no answer from {self.url}: {str(error) or type(error).__name__}; is 'neurond up' running there? "
                "NEUROND_URL names another server"
            ) from error
        except (httpx.InvalidURL, UnicodeError) as error:
            raise UnreachableError(f"{self.url!r} is no URL of a server: {error}") from error


def _trusted(url: str) -> ssl.SSLContext | bool:
    """Whose certificates count: those that this machine trusts, and none where none are shown.

    To read them takes 30 ms, longer than most commands take over http://.
    """
    return httpx.URL(url).scheme == "https" or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def checked(response: httpx.Response) -> httpx.Response:
    """The answer itself, unless it is an error, or leads elsewhere."""
    if response.is_success or response.status_code == httpx.codes.NOT_MODIFIED:
        return response
    try:
        problem = response.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        problem = {"detail": f"HTTP status {response.status_code}, and no word about it"}
    raise ApiError(response.status_code, problem)
