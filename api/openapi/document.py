"""The OpenAPI 3.1 document of an app, made from its routes and what their views state."""

import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final

from flask import Flask
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from werkzeug.routing import Rule

from api.errors import PROBLEM_JSON, STATUSES
from api.openapi.headers import HEADERS
from api.openapi.operation import Answer, Body, Operation, operation_of
from api.schemas.problem import Problem

REFERENCE: Final = "#/components/schemas/{model}"

IDENTIFIER: Final = {"type": "string", "pattern": r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$"}
"""What stands in a path."""

IN_THE_PATH: Final = {
    "dataset_id": "ID of the data set; `mnist` is built in",
    "file": "name of the file",
    "job_id": "ID of the job",
    "model": "ID of the model, or an alias",
    "model_id": "ID of the model, or an alias",
    "model_version": "`1`: a model never changes",
    "name": "the alias: up to 64 of a-z, 0-9, `.`, `_` and `-`",
    "page_name": "`backpropagation` or `article`",
    "prediction_id": "ID of the prediction",
    "version": "digest of all files of the page; of another version, the answer is the file of this one",
}
"""What the parts of a path are."""

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")

ERROR_HEADERS: Final = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}

ABOUT: Final = """\
Train and serve neural networks over HTTP, with NumPy alone.

`POST /v1/jobs` queues a training; follow it at `/v1/jobs/{job_id}/events`; when it has succeeded, its `model_id`
answers at `/v1/models/{model_id}/predictions`. Times are RFC 3339 in UTC. IDs are opaque and url-safe. Lists are newest
first and go on with `?after=<last id>`: a record added meanwhile stands before the first page, so none comes twice and
none is missed. Errors are `application/problem+json` and name the field."""


def document(app: Flask, *, keys: bool) -> dict[str, Any]:
    """Describe every route of the app that states its operation; `keys` tells whether it asks for one."""
    routes = sorted(_routes(app), key=lambda route: (route[1].rule, METHODS.index(route[0])))
    schemas = _Schemas(routes)
    paths: dict[str, dict[str, Any]] = {}
    for method, rule, stated in routes:
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        paths.setdefault(path, {})[method.lower()] = _operation(app, method, rule, stated, schemas)
    used = {route[1].endpoint.partition(".")[0] for route in routes}
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
            "responses": {_name(status): _problem(status, Problem, schemas) for status in STATUSES},
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "One of the keys in `NEUROND_API_KEYS` or `NEUROND_READ_KEYS`. Without keys, "
                    "the API answers requests over loopback only, and asks for none.",
                }
            },
        },
    }


def _routes(app: Flask) -> Iterator[tuple[str, Rule, Operation]]:
    for rule in app.url_map.iter_rules():
        stated = operation_of(app, rule.endpoint)
        if stated is not None:
            for method in METHODS:
                if method in (rule.methods or ()):
                    yield method, rule, stated


class _AsWritten(GenerateJsonSchema):
    """Fields and examples stay in the order in which they are written."""

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:
        del parent_key
        return value


class _Schemas:
    """The schemas of all models that the routes state, by name."""

    def __init__(self, routes: list[tuple[str, Rule, Operation]]) -> None:
        models: dict[type[BaseModel], None] = {Problem: None}
        for _, _, stated in routes:
            shapes = [stated.problem, *(answer.schema for answer in stated.answers.values())]
            shapes += [stated.body.schema] if stated.body else []
            models |= {shape: None for shape in shapes if shape is not None}
        self._references, definitions = models_json_schema(
            [(model, "validation") for model in models], ref_template=REFERENCE, schema_generator=_AsWritten
        )
        self.components = dict(sorted(definitions["$defs"].items()))

    def reference(self, model: type[BaseModel]) -> Mapping[str, Any]:
        """How a model is named in the document."""
        return self._references[(model, "validation")]

    def _example(self, schema: Mapping[str, Any]) -> Any:
        """The example of a schema; of a list, a list with the example of its items."""
        if "examples" in schema:
            return schema["examples"][0]
        items = schema["properties"].get("data", {}).get("items", {}).get("$ref")
        if items is None:
            return None
        item = self.components[items.rpartition("/")[2]]
        return {"object": "list", "data": item.get("examples", []), "has_more": False}

    def media(self, model: type[BaseModel] | None, others: Mapping[str, Any], *, json: str) -> dict[str, Any]:
        """What a body may be: JSON of a model, or something else."""
        content: dict[str, Any] = {}
        if model is not None:
            content[json] = {"schema": self.reference(model)}
            example = self._example(self.components[model.__name__])
            if example is not None:
                content[json]["example"] = example
        return content | {name: {"schema": schema} for name, schema in others.items()}


def _operation(app: Flask, method: str, rule: Rule, stated: Operation, schemas: _Schemas) -> dict[str, Any]:
    view = app.view_functions[rule.endpoint]
    summary, _, rest = inspect.cleandoc(view.__doc__ or "").partition("\n")
    access = stated.access_for(method)
    described: dict[str, Any] = {
        "operationId": rule.endpoint.replace(".", "_"),
        "tags": [rule.endpoint.partition(".")[0]],
        "summary": summary.removesuffix("."),
        "parameters": _parameters(method, rule, stated),
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
            responses[str(status)] = {"$ref": f"#/components/responses/{_name(status)}"}
        else:
            responses[str(status)] = _problem(status, stated.problem, schemas)
    return described


def _error_statuses(rule: Rule, stated: Operation, *, public: bool) -> set[int]:
    statuses = {400, 500, *stated.errors}
    if not public:
        statuses |= {401, 403, 429, 503}
    if rule.arguments:
        statuses |= {404}
    if stated.body is not None:
        statuses |= {413, 415, 422}
    if stated.query is not None:
        statuses |= {414}
    if stated.query is not None or stated.headers is not None:
        statuses |= {422}
    return statuses


def _name(status: int) -> str:
    """The name of an error in the document: `NotFound`."""
    return HTTPStatus(status).phrase.title().replace(" ", "").replace("-", "")


def _problem(status: int, shape: type[BaseModel], schemas: _Schemas) -> dict[str, Any]:
    described: dict[str, Any] = {"description": STATUSES[status]}
    names = ERROR_HEADERS.get(status)
    if names:
        described["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    if shape is not Problem:
        return described | {"content": schemas.media(shape, {}, json="application/json")}
    content = schemas.media(Problem, {}, json=PROBLEM_JSON)
    if status != HTTPStatus.UNPROCESSABLE_ENTITY:
        title = HTTPStatus(status).phrase.capitalize()
        content[PROBLEM_JSON]["example"] = {
            "type": f"urn:neurond:problem:{title.lower().replace(' ', '-')}",
            "title": title,
            "status": status,
            "detail": STATUSES[status],
            "instance": "/v1/jobs",
        }
    return described | {"content": content}


def _answer(answer: Answer, schemas: _Schemas) -> dict[str, Any]:
    described: dict[str, Any] = {"description": answer.description}
    names = (*answer.headers, "ETag") if answer.etag else answer.headers
    if names:
        described["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    content = schemas.media(answer.schema, answer.media, json="application/json")
    if content:
        described["content"] = content
    return described


def _body(body: Body, schemas: _Schemas) -> dict[str, Any]:
    content = schemas.media(body.schema, body.media, json="application/json")
    if body.examples:
        content["application/json"].pop("example", None)
        content["application/json"]["examples"] = {
            name: {"summary": name, "value": value} for name, value in body.examples.items()
        }
    return {"required": True, "content": content}


def _parameters(method: str, rule: Rule, stated: Operation) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": IN_THE_PATH[name],
            "schema": IDENTIFIER,
        }
        for name in sorted(rule.arguments, key=rule.rule.index)
    ]
    for model, place in ((stated.query, "query"), (stated.headers, "header")):
        if model is not None:
            parameters += _fields(model, place)
    if method == "GET" and any(answer.etag for answer in stated.answers.values()):
        parameters.append(
            {
                "name": "If-None-Match",
                "in": "header",
                "description": "the ETag that you have",
                "schema": {"type": "string"},
            }
        )
    return parameters


def _fields(model: type[BaseModel], place: str) -> Iterator[dict[str, Any]]:
    """Each field of a model as a parameter. One that is not sent is None inside; on the way it cannot be null."""
    described = model.model_json_schema()
    for name, schema in described["properties"].items():
        schema.pop("title", None)
        description = schema.pop("description", None)
        if "anyOf" in schema:
            [present] = [kind for kind in schema.pop("anyOf") if kind != {"type": "null"}]
            schema |= present
            if schema.get("default", ...) is None:
                del schema["default"]
        parameter = {"name": name, "in": place, "required": name in described.get("required", ()), "schema": schema}
        yield parameter | ({"description": description} if description else {})


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]
