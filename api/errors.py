"""Every error that leaves the API, as problem+json (RFC 9457). HTTP codes for errors stand here and nowhere else."""

import logging
from collections.abc import Sequence
from typing import Any, Final

import orjson
from flask import Flask, Response, request
from gunicorn.http.errors import NoMoreData, ParseException
from kombu.exceptions import OperationalError
from redis.exceptions import OutOfMemoryError, RedisError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from api.gate.connections import GRACE_SECONDS, TooSlowError
from worker.errors import (
    BlobError,
    IdempotencyConflictError,
    InUseError,
    NotFoundError,
    NotKeptError,
    NotReadyError,
    QueueFullError,
    QuotaExceededError,
    StorageFullError,
    StoreFullError,
    UploadTooLargeError,
)
from worker.failover.redis_errors import NotReplicatedError

logger = logging.getLogger(__name__)

PROBLEM_JSON: Final = "application/problem+json"
PROTOCOL: Final = "/v2"
RETRY_SECONDS: Final = 1

STATUSES: Final = {
    400: "the body is empty, broken, not JSON, or not the file that its Content-Type says; the request names no host, "
    "or one that is not ours (`NEUROND_HOSTS`)",
    401: "there are API keys, and none of them was sent: `Authorization: Bearer <key>`; the problem tells a wrong key "
    "from a missing one",
    403: "the key may only read and predict; without keys, a page of another site asks, or one of another origin would "
    "change something",
    404: "nothing stands under that ID",
    408: "the request came too slowly: its head (`NEUROND_HEAD_SECONDS`) or its body (`NEUROND_BODY_BYTES_PER_SECOND`)",
    409: "it is still needed: a data set by a job, a model by an alias; or it is not ready yet; "
    "or the upload is not kept that would be read again",
    413: "the body exceeds the size limit",
    414: "the address and its query are longer than 8,190 bytes",
    415: "the body is of a kind that is not taken here",
    422: "a field is unknown, of the wrong type or out of range, or asks of the data set what it is not; "
    "an idempotency key comes with another body",
    429: "too many requests: `Retry-After` says when to go on",
    500: "something went wrong that should not; the API's log has the details",
    503: "Redis or the blob store cannot be used, a queue is full, or the disk is nearly full: `Retry-After` says "
    "when to try again",
    504: "no worker answered in time",
    507: "the key, or without keys the address, keeps as many bytes as it may: delete some of what it keeps",
}
"""When an error has this status; the description of the API and `docs/http.md` say it in these words."""


class Problem(Exception):
    """Raised by a view to answer with a problem. `errors` names the fields, each with its JSON pointer."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        errors: Sequence[dict[str, str]] = (),
        headers: dict[str, str] | None = None,
        **extensions: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}
        self.extensions = extensions

    def response(self) -> Response:
        """The problem on its way out; the Open Inference Protocol has a form of its own."""
        if request.path.startswith(PROTOCOL):
            status = 400 if self.status == 422 else self.status
            return self._answer({"error": self.detail}, status, "application/json")
        slug = self.title.lower().replace(" ", "-")
        body: dict[str, Any] = {
            "type": f"urn:neurond:problem:{slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": request.path,
        }
        if self.errors:
            body["errors"] = list(self.errors)
        return self._answer(body | self.extensions, self.status, PROBLEM_JSON)

    def _answer(self, body: dict[str, Any], status: int, content_type: str) -> Response:
        response = Response(orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE), status, content_type=content_type)
        response.headers.update(self.headers)
        return response


def bad_input(errors: Sequence[dict[str, str]], *, total: int | None = None) -> Problem:
    """422 for a body whose fields cannot be used. `total`: how many errors there are, where not all are named."""
    first, total = errors[0], total or len(errors)
    more = f" (and {total - 1} more)" if total > 1 else ""
    place = "" if first["pointer"] == "#" else f"{first['pointer']}: "  # the whole body needs no address
    return Problem(422, "Invalid input", f"{place}{first['detail']}{more}", errors=errors)


def unavailable(detail: str, *, retry_after: int = RETRY_SECONDS, **extensions: Any) -> Problem:
    """503 for what will work again by itself."""
    return Problem(503, "Service unavailable", detail, headers={"Retry-After": str(retry_after)}, **extensions)


def register(app: Flask) -> None:
    """Answer every error of `app` with a problem."""

    @app.errorhandler(Problem)
    def _problem(problem: Problem) -> Response:
        return problem.response()

    @app.errorhandler(NotFoundError)
    def _not_found(error: NotFoundError) -> Response:
        return Problem(404, "Not found", str(error)).response()

    @app.errorhandler(QueueFullError)
    def _queue_full(error: QueueFullError) -> Response:
        return unavailable(f"{error}; try again later", retry_after=5).response()

    @app.errorhandler(QuotaExceededError)
    def _quota_exceeded(error: QuotaExceededError) -> Response:
        return Problem(507, "Insufficient storage", str(error), kept=error.kept, quota=error.quota).response()

    @app.errorhandler(StoreFullError)
    @app.errorhandler(OutOfMemoryError)
    def _store_full(error: Exception) -> Response:
        logger.warning("Redis is full: %s", error)
        return unavailable("Redis is nearly full; try again later", retry_after=5).response()

    @app.errorhandler(IdempotencyConflictError)
    def _idempotency_conflict(error: IdempotencyConflictError) -> Response:
        return Problem(422, "Idempotency conflict", f"{error}; use a new key for a new request").response()

    @app.errorhandler(InUseError)
    def _in_use(error: InUseError) -> Response:
        return Problem(409, "In use", str(error)).response()

    @app.errorhandler(NotReadyError)
    def _not_ready(error: NotReadyError) -> Response:
        return Problem(409, "Not ready", str(error)).response()

    @app.errorhandler(NotKeptError)
    def _not_kept(error: NotKeptError) -> Response:
        return Problem(409, "Not kept", str(error)).response()

    @app.errorhandler(UploadTooLargeError)
    def _upload_too_large(error: UploadTooLargeError) -> Response:
        return Problem(413, "Body too large", str(error), errors=[{"pointer": "#", "detail": str(error)}]).response()

    @app.errorhandler(NotReplicatedError)
    def _not_replicated(error: NotReplicatedError) -> Response:
        logger.warning("Redis has too few replicas: %s", error)
        detail = "it is written, but too few replicas of Redis have it yet; send it again, with its Idempotency-Key"
        return unavailable(detail).response()

    @app.errorhandler(RedisError)
    @app.errorhandler(OperationalError)
    def _redis(error: Exception) -> Response:
        logger.warning("Redis cannot be used: %s", error)
        return unavailable("Redis cannot be reached; try again in a moment").response()

    @app.errorhandler(BlobError)
    def _blobs(error: BlobError) -> Response:
        logger.error("the blob store cannot be used: %s", error)
        full = isinstance(error, StorageFullError)
        what = "the disk of the blob store is nearly full" if full else "the blob store cannot be used"
        detail = f"{what}; try again in a moment. /readyz and the API's log say what is wrong"
        return unavailable(detail, retry_after=5).response()

    @app.errorhandler(RequestEntityTooLarge)
    def _too_large(_: RequestEntityTooLarge) -> Response:
        most = request.max_content_length
        detail = f"the body is too large: at most {most} bytes, got {request.content_length or 'more'}"
        return Problem(413, "Body too large", detail, errors=[{"pointer": "#", "detail": detail}]).response()

    @app.errorhandler(ParseException)
    @app.errorhandler(NoMoreData)
    def _broken_body(error: Exception) -> Response:
        logger.info("a body is broken: %s", error)
        detail = "the body is broken: it ends early, or its chunks are none (RFC 9112, section 7.1); send it again"
        return Problem(400, "Bad body", detail, errors=[{"pointer": "#", "detail": detail}]).response()

    @app.errorhandler(TooSlowError)
    def _too_slow(_: TooSlowError) -> Response:
        detail = (
            f"the body came too slowly: expected no pause of more than {GRACE_SECONDS:g} s, and the rate of "
            "NEUROND_BODY_BYTES_PER_SECOND; send it again"
        )
        return Problem(408, "Request timeout", detail).response()

    @app.errorhandler(MethodNotAllowed)
    def _method(error: MethodNotAllowed) -> Response:
        allowed = ", ".join(sorted(set(error.valid_methods or ()) - {"HEAD", "OPTIONS"}))
        detail = f"{request.path}: expected {allowed}, got {request.method}; /docs has every call"
        return Problem(405, "Method not allowed", detail, headers={"Allow": allowed}).response()

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        headers = {
            name: value
            for name, value in error.get_headers(request.environ)
            if name.lower() not in {"content-type", "content-length"}
        }
        return Problem(
            error.code or 500, error.name.capitalize(), error.description or error.name, headers=headers
        ).response()

    @app.errorhandler(Exception)
    def _unforeseen(error: Exception) -> Response:
        logger.error("unforeseen error at %s %s", request.method, request.path, exc_info=error)
        return Problem(
            500, "Internal error", "something went wrong that should not; the API's log has the details"
        ).response()
