"""The parameters of an operation."""

from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel
from werkzeug.routing import Rule

from api.openapi.operation import Operation
from api.routing import IDENTIFIER

IN_A_PATH: Final = {"type": "string", "pattern": f"^{IDENTIFIER}$"}
"""What stands in a path."""

IN_THE_PATH: Final = {
    "dataset_id": "ID of the data set; `mnist` is built in",
    "file": "name of the file",
    "model": "ID of the model, or an alias",
    "model_id": "ID of the model, or an alias",
    "model_version": "`1`: a model never changes",
    "name": "the alias: up to 64 of a-z, 0-9, `.`, `_` and `-`",
    "version": "digest of all files of the page; of another version, the answer is the file of this one",
}
"""What the parts of a path are, where their names do not say it."""


def parameters(method: str, rule: Rule, stated: Operation) -> list[dict[str, Any]]:
    """What stands in the path, the query and the headers of a request."""
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": IN_THE_PATH.get(name) or f"ID of the {name.removesuffix('_id').replace('_', ' ')}",
            "schema": IN_A_PATH,
        }
        for name in sorted(rule.arguments, key=rule.rule.index)
    ]
    for model, place in ((stated.query, "query"), (stated.headers, "header")):
        if model is not None:
            found += _fields(model, place, beside_a_body=stated.body is not None)
    if method == "GET" and any(answer.etag for answer in stated.answers.values()):
        found.append(
            {
                "name": "If-None-Match",
                "in": "header",
                "description": "the ETag that you have",
                "schema": {"type": "string"},
            }
        )
    return found


def _fields(model: type[BaseModel], place: str, *, beside_a_body: bool) -> Iterator[dict[str, Any]]:
    """Each field of a model as a parameter. One that is not sent is None inside; on the way it cannot be null.

    Generated clients send a `default` by themselves. Beside a body, where a parameter that is sent may contradict it,
    a default is `x-default`.
    """
    described = model.model_json_schema()
    for name, schema in described["properties"].items():
        schema.pop("title", None)
        description = schema.pop("description", None)
        if "anyOf" in schema:
            [present] = [kind for kind in schema.pop("anyOf") if kind != {"type": "null"}]
            schema |= present
            if schema.get("default", ...) is None:
                del schema["default"]
        if beside_a_body and "default" in schema:
            schema["x-default"] = schema.pop("default")
        parameter = {"name": name, "in": place, "required": name in described.get("required", ()), "schema": schema}
        yield parameter | ({"description": description} if description else {})
