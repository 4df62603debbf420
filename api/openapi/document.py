"""The OpenAPI 3.1 document of an app, made from its routes and what their views state."""

import inspect
import re
import sys
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any, Final

from flask import Flask
from werkzeug.routing import Rule

from api.errors import STATUSES
from api.openapi.components import Schemas, examples, problem_answer, problem_name
from api.openapi.headers import HEADERS
from api.openapi.operation import Answer, Body, Operation, operation_of
from api.openapi.parameters import parameters
from api.schemas.problem import Problem

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")

ABOUT: Final = """\
Train and serve neural networks over HTTP, with NumPy alone.

`POST /v1/jobs` queues a training; follow it at `/v1/jobs/{job_id}/events`; when it has succeeded, its `model_id`
answers at `/v1/models/{model_id}/predictions`. Times are RFC 3339 in UTC. IDs are opaque and url-safe. Lists are newest
first and go on with `?after=<last id>`: a record added meanwhile stands before the first page, so none comes twice and
none is missed. Errors are `application/problem+json` and name the field."""

KEY: Final = {
    "type": "http",
    "scheme": "bearer",
    "description": "One of the keys in `NEUROND_API_KEYS` or `NEUROND_READ_KEYS`. Without keys, the API answers "
    "requests over loopback only, and asks for none.",
}


def document(app: Flask, *, keys: bool) -> dict[str, Any]:
    """Describe every route of the app that states its operation; `keys` tells whether it asks for one."""
    routes = sorted(_routes(app), key=lambda route: (route[1].rule, METHODS.index(route[0])))
    schemas = Schemas(stated for _, _, stated in routes)
    paths: dict[str, dict[str, Any]] = {}
    for method, rule, stated in routes:
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        paths.setdefault(path, {})[method.lower()] = _operation(app, method, rule, stated, schemas)
    used = {_tag(rule) for _, rule, _ in routes}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "neurond",
            "version": version("neurond"),
            "description": ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}] if keys else [],
        "tags": [
            {"name": name, "description": _first_line(sys.modules[blueprint.import_name].__doc__)}
            for name, blueprint in app.blueprints.items()
            if name in used
        ],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "headers": HEADERS,
            "responses": {problem_name(status): problem_answer(status, Problem, schemas) for status in STATUSES},
        }
        | ({"securitySchemes": {"key": KEY}} if keys else {}),
    }


def _routes(app: Flask) -> Iterator[tuple[str, Rule, Operation]]:
    for rule in app.url_map.iter_rules():
        stated = operation_of(app, rule.endpoint)
        if stated is not None:
            for method in METHODS:
                if method in (rule.methods or ()):
                    yield method, rule, stated


def _tag(rule: Rule) -> str:
    """The noun of a route: the name of its blueprint, or of the one round it."""
    return str(rule.endpoint).partition(".")[0]


def _operation_id(rule: Rule) -> str:
    """Verb and noun of a route, in the way of JavaScript: its view's `create_job` is `createJob`."""
    verb, *noun = str(rule.endpoint).rpartition(".")[2].split("_")
    return verb + "".join(map(str.capitalize, noun))


def _operation(app: Flask, method: str, rule: Rule, stated: Operation, schemas: Schemas) -> dict[str, Any]:
    view = app.view_functions[rule.endpoint]
    summary, _, rest = inspect.cleandoc(view.__doc__ or "").partition("\n")
    access = stated.access_for(method)
    described: dict[str, Any] = {
        "operationId": _operation_id(rule),
        "tags": [_tag(rule)],
        "summary": summary.removesuffix("."),
        "parameters": parameters(method, rule, stated),
        "responses": {},
    }
    if rest.strip():
        described["description"] = rest.strip()
    if access == "public":
        described["security"] = []
    if stated.body is not None:
        described["requestBody"] = _body(stated.body, schemas)
    responses = described["responses"]
    for status, answer in stated.answers.items():
        responses[str(status)] = _answer(answer, schemas)
        if answer.etag and method == "GET":
            responses["304"] = {"description": "Unchanged: it is what `If-None-Match` names."}
    for status in sorted(_error_statuses(rule, stated, public=access == "public")):
        if stated.problem is Problem:
            responses[str(status)] = {"$ref": f"#/components/responses/{problem_name(status)}"}
        else:
            responses[str(status)] = problem_answer(status, stated.problem, schemas)
    return described


def _error_statuses(rule: Rule, stated: Operation, *, public: bool) -> set[int]:
    statuses = {400, 500, *stated.errors}
    if not public:
        statuses |= {401, 403, 429, 503}
    if rule.arguments:
        statuses |= {404}
    if stated.body is not None:
        statuses |= {408, 413, 415, 422}
    if stated.query is not None:
        statuses |= {414}
    if stated.query is not None or stated.headers is not None:
        statuses |= {422}
    return statuses


def _answer(answer: Answer, schemas: Schemas) -> dict[str, Any]:
    described: dict[str, Any] = {"description": answer.description}
    names = (*answer.headers, "ETag") if answer.etag else answer.headers
    if names:
        described["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    content = schemas.media(answer.schema, answer.media, json="application/json")
    if answer.example is not None:
        content["application/json"]["example"] = examples()[answer.example]
    if content:
        described["content"] = content
    return described


def _body(body: Body, schemas: Schemas) -> dict[str, Any]:
    content = schemas.media(body.schema, body.media, json="application/json")
    if body.examples:
        content["application/json"].pop("example", None)
        content["application/json"]["examples"] = {
            name: {"summary": name, "value": value} for name, value in body.examples.items()
        }
    return {"required": True, "content": content}


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]
