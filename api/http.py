"""What views take from a request: body, query, headers, each checked by its model; and what they give: JSON."""

import gzip
from functools import cache
from typing import Any, Final, TypeVar

import orjson
from flask import Response, request
from pydantic import BaseModel, ValidationError

from api.errors import Problem, bad_input
from api.validation import from_validation

Shape = TypeVar("Shape", bound=BaseModel)

PACKED_FROM: Final = 4096
"""Bytes of an answer from which on it is packed for whoever takes gzip: a list of models becomes a fifth of it."""

_OF_NOTHING: Final[dict[type[BaseModel], Any]] = {}

BODY: Final = "neurond.body"
"""Where the environment of a request keeps what was read of it."""

STEP: Final = 256 * 1024
"""Bytes of a body that are asked for at a time."""


def whole_body() -> bytes:
    """The body as it came; it is read once.

    Raises:
        HTTPException: 413, or the client is gone.

    """
    environ = request.environ
    if BODY not in environ:
        environ[BODY] = _read_body()
    came: bytes = environ[BODY]
    return came


def _read_body() -> bytes:
    """Read it to its end.

    Where its length is told it is read in steps of our own: in one, gunicorn would let a buffer grow to its size, and
    copy what is there each time.
    """
    if request.content_length is None:
        return request.get_data(cache=False)
    left, parts = request.content_length, []
    while left > 0 and (part := request.stream.read(min(left, STEP))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def json_body() -> Any:
    """The body as JSON.

    Raises:
        Problem: 400, 413 or 415.

    """
    came = whole_body()
    if not came:
        raise _bad_body(400, "the body is empty; expected a JSON object")
    if not request.is_json:
        kind = request.mimetype or "no Content-Type"
        raise _bad_body(415, f"expected Content-Type: application/json, got {kind}")
    try:
        return orjson.loads(came)
    except orjson.JSONDecodeError as error:
        raise _bad_body(400, f"the body is not JSON: {error}") from None


def _bad_body(status: int, detail: str) -> Problem:
    title = "Unsupported media type" if status == 415 else "Bad body"
    return Problem(status, title, detail, errors=[{"pointer": "#", "detail": detail}])


def query(shape: type[Shape]) -> Shape:
    """The query, checked by its model.

    Raises:
        Problem: 422 for an unknown parameter, one out of range, or one given twice.

    """
    given: dict[str, str] = {}
    for name, values in request.args.lists() if request.query_string else ():
        if len(values) > 1:
            raise bad_parameter(name, f"expected it once, got it {len(values)} times")
        given[name] = values[0]
    return _stated(shape, given, point=lambda path: "?" + "".join(path[:1]))


def headers(shape: type[Shape]) -> Shape:
    """The headers that a model names, checked by it.

    Raises:
        Problem: 422 for one that cannot be used.

    """
    given = {name: request.headers[name] for name in _names(shape) if name in request.headers}
    return _stated(shape, given, point=lambda path: path[0])


def _stated(shape: type[Shape], given: dict[str, str], **point: Any) -> Shape:
    """`checked`; what a model makes of a request that says nothing, as most do, is kept: such models are frozen."""
    if given:
        return checked(shape, given, **point)
    if shape not in _OF_NOTHING:
        _OF_NOTHING[shape] = checked(shape, {}, **point)
    stated: Shape = _OF_NOTHING[shape]
    return stated


@cache
def _names(shape: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in shape.model_fields.items()]


def body(shape: type[Shape]) -> Shape:
    """The JSON of the body, checked by its model.

    Raises:
        Problem: 400, 413, 415 or 422.

    """
    return checked(shape, json_body())


def checked(shape: type[Shape], given: Any, **point: Any) -> Shape:
    """What was given, checked by its model.

    Raises:
        Problem: 422.

    """
    try:
        return shape.model_validate(given)
    except ValidationError as error:
        raise from_validation(error, shape, given, **point) from None


def bad_parameter(name: str, detail: str) -> Problem:
    """422 for a query parameter."""
    return bad_input([{"pointer": f"?{name}", "detail": detail}])


def json_response(body: BaseModel, status: int = 200, *, revision: int | str | None = None) -> Response:
    """JSON; with `revision`, under a strong ETag, and 304 to a client that has it."""
    response = Response(body.model_dump_json() + "\n", status, content_type="application/json")
    if revision is None:
        _pack(response)
    else:
        response.set_etag(str(revision))
        response.headers["Cache-Control"] = "no-cache"
        response.make_conditional(request)
    return response


def _pack(response: Response) -> None:
    """Compress a long answer, unless it has an ETag, which would name two answers then."""
    response.vary.add("Accept-Encoding")
    if len(data := response.get_data()) >= PACKED_FROM and request.accept_encodings["gzip"]:
        response.set_data(gzip.compress(data, 1, mtime=0))
        response.content_encoding = "gzip"
