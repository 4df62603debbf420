"""What a route takes and gives, stated beside its view."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from inspect import signature
from typing import Any, Final, Literal

from flask import Flask, Response
from pydantic import BaseModel

from api import http
from api.schemas.problem import Problem
from worker.settings import Settings

JsonSchema = Mapping[str, Any]

Access = Literal["public", "read", "full"]
"""Who may call: everyone, holders of any key, or holders of a key that is not read-only."""

BINARY: Final[JsonSchema] = {"type": "string", "format": "binary"}
"""The schema of bytes, as generators of clients know it: in OpenAPI 3.1 the media type would say it all."""

ATTRIBUTE: Final = "__operation__"


@dataclass(frozen=True)
class Answer:
    """One answer of a route.

    Args:
        schema: of its JSON; None: it has no JSON
        media: other media types that it may have, each with its JSON Schema
        headers: what it carries, by names of `api.openapi.headers`
        etag: it carries an ETag, and a client that has it is answered 304
        example: the name of that of its JSON, where that of the shape is not what comes here

    """

    description: str
    schema: type[BaseModel] | None = None
    media: Mapping[str, JsonSchema] = field(default_factory=dict)
    headers: tuple[str, ...] = ()
    etag: bool = False
    example: str | None = None


@dataclass(frozen=True)
class Body:
    """What a route takes.

    Args:
        schema: of a JSON body; None: it takes no JSON
        media: other media types that it takes, each with its JSON Schema
        examples: JSON bodies by name
        most_bytes: larger ones are answered 413; a number, or what the settings say

    """

    schema: type[BaseModel] | None = None
    media: Mapping[str, JsonSchema] = field(default_factory=dict)
    examples: Mapping[str, Any] = field(default_factory=dict)
    most_bytes: int | Callable[[Settings], int] = lambda settings: settings.max_body_bytes

    def limit(self, settings: Settings) -> int:
        """The largest body, in bytes."""
        return self.most_bytes if isinstance(self.most_bytes, int) else self.most_bytes(settings)


@dataclass(frozen=True)
class Operation:
    """One route: what it takes, what it gives, who may call it.

    Args:
        answers: by status, the good ones
        body: None: it takes none
        query: the model that checks its query
        headers: the model that checks its headers
        errors: statuses of problems beside those that every route of its kind may answer
        access: None: 'read' for GET, 'full' for the rest
        problem: the shape of its errors

    """

    answers: Mapping[int, Answer]
    body: Body | None = None
    query: type[BaseModel] | None = None
    headers: type[BaseModel] | None = None
    errors: tuple[int, ...] = ()
    access: Access | None = None
    problem: type[BaseModel] = Problem

    def access_for(self, method: str) -> Access:
        """Who may call it with this method."""
        return self.access or ("read" if method in {"GET", "HEAD"} else "full")


INPUTS: Final[Mapping[str, Callable[[type[BaseModel]], BaseModel]]] = {
    "query": http.query,
    "headers": http.headers,
    "body": http.body,
}
"""Parameters of a view that come from the request, in this order; each is checked by the model of its annotation."""


def operation(
    *,
    answers: Mapping[int, Answer],
    body: Body | None = None,
    errors: tuple[int, ...] = (),
    access: Access | None = None,
    problem: type[BaseModel] = Problem,
) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """State what a view takes and gives, and hand it its `INPUTS`; see `Operation`. Stands between route and view.

    `body` is for what the view's parameter does not say: its limit, its examples, other media types.
    """

    def attach(view: Callable[..., Response]) -> Callable[..., Response]:
        parameters = signature(view, eval_str=True).parameters
        shapes = {name: parameters[name].annotation for name in INPUTS if name in parameters}
        taken = replace(body or Body(), schema=shapes["body"]) if "body" in shapes else body

        @wraps(view)
        def checked(**path: str) -> Response:
            return view(**path, **{name: INPUTS[name](shape) for name, shape in shapes.items()})

        stated = Operation(answers, taken, shapes.get("query"), shapes.get("headers"), errors, access, problem)
        setattr(checked, ATTRIBUTE, stated)
        return checked

    return attach


def operation_of(app: Flask, endpoint: str | None) -> Operation | None:
    """What the view behind an endpoint states; None where there is none."""
    return getattr(app.view_functions.get(endpoint or ""), ATTRIBUTE, None)
