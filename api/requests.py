"""What views take from a request: a JSON body, a page of a list; and what they give: JSON with an ETag."""

from typing import Any, Final

import orjson
from flask import Response, request

from api.errors import Problem, bad_input

MAX_LIMIT: Final = 100
DEFAULT_LIMIT: Final = 20


def json_body(*, most_bytes: int) -> tuple[bytes, Any]:
    """The body as it came, and as JSON.

    Raises:
        Problem: 400, 413 or 415.

    """
    request.max_content_length = most_bytes
    body = raw_json_body()
    try:
        return body, orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _bad_body(400, f"the body is not JSON: {error}") from None


def raw_json_body() -> bytes:
    """The body as it came, said to be JSON and not empty.

    Raises:
        Problem: 400, 413 or 415.

    """
    body = request.get_data(cache=False)
    if not body:
        raise _bad_body(400, "the body is empty; expected a JSON object")
    if not request.is_json:
        came = request.mimetype or "no Content-Type"
        raise _bad_body(415, f"expected Content-Type: application/json, got {came}")
    return body


def _bad_body(status: int, detail: str) -> Problem:
    title = "Unsupported media type" if status == 415 else "Bad body"
    return Problem(status, title, detail, errors=[{"pointer": "#", "detail": detail}])


def page_arguments(*allowed: str) -> tuple[int, str | None]:
    """`limit` and `after` of a list's query.

    Raises:
        Problem: 422 for a value out of range, or a parameter not known here.

    """
    known = {"limit", "after", *allowed}
    for name in request.args:
        if name not in known:
            raise bad_parameter(name, f"unknown parameter; expected one of {', '.join(sorted(known))}")
    return whole_number("limit", default=DEFAULT_LIMIT, least=1, most=MAX_LIMIT), request.args.get("after")


def whole_number(name: str, *, default: int, least: int, most: int) -> int:
    """A number in the query.

    Raises:
        Problem: 422 when it is none, or out of range.
    """
    given = request.args.get(name)
    if given is None:
        return default
    number = int(given) if given.isascii() and given.isdigit() and len(given) <= 10 else -1
    if not least <= number <= most:
        raise bad_parameter(name, f"expected a whole number from {least} to {most}, got {given!r}")
    return number


def bad_parameter(name: str, detail: str) -> Problem:
    """422 for a query parameter."""
    return bad_input([{"pointer": f"?{name}", "detail": detail}])


def json_response(body: Any, status: int = 200, *, revision: int | str | None = None) -> Response:
    """JSON; with `revision`, under a strong ETag, and 304 to a client that has it."""
    data = orjson.dumps(body, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)
    response = Response(data, status, content_type="application/json")
    if revision is not None:
        response.set_etag(str(revision))
        response.headers["Cache-Control"] = "no-cache"
        response.make_conditional(request)
    return response
