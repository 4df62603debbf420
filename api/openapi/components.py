"""What several operations share: the schemas of their shapes, and the errors."""

from collections.abc import Iterable, Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core.core_schema import ModelSchema, TaggedUnionSchema, WithDefaultSchema

from api.errors import PROBLEM_JSON, STATUSES
from api.openapi.operation import Operation
from api.schemas.common import Answered, Recorded
from api.schemas.problem import Problem

REFERENCE: Final = "#/components/schemas/{model}"

ERROR_HEADERS: Final = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}


@cache
def examples() -> Mapping[str, Any]:
    """By the name of their shape, and after a comma what is special; `docs/examples.py` writes them."""
    written: dict[str, Any] = orjson.loads(Path(__file__).with_name("examples.json").read_bytes())
    return written


class _ForGenerators(GenerateJsonSchema):
    """JSON Schemas as generators of clients take them, with fields and examples in the order in which they are written.

    What is in every answer is required, and so is what tells the members of a union apart. A default that is an object
    is `x-default`: a generated class has none of those, and openapi-python-client leaves out each operation that needs
    one.
    """

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:
        del parent_key
        return value

    def tagged_union_schema(self, schema: TaggedUnionSchema) -> JsonSchemaValue:
        described = super().tagged_union_schema(schema)
        if "discriminator" not in described:  # its members are no objects that a field tells apart
            return {"anyOf": described["oneOf"]}
        name = described["discriminator"]["propertyName"]
        for member in map(self.resolve_ref_schema, described["oneOf"]):
            member["required"] = list(dict.fromkeys([name, *member.get("required", ())]))
            member["properties"][name].pop("default", None)
        return described

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        described = super().model_schema(schema)
        if issubclass(schema["cls"], Answered):
            fields, recorded = described["properties"], issubclass(schema["cls"], Recorded)
            always = [name for name, field in fields.items() if recorded or "const" in field]
            described["required"] = list(dict.fromkeys([*described.get("required", ()), *always]))
            for name in always:
                fields[name].pop("default", None)
        return described

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        described = super().default_schema(schema)
        if isinstance(described.get("default"), dict):
            described["x-default"] = described.pop("default")
        return described


class Schemas:
    """The schemas of all models that the routes state, by name."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        models: dict[type[BaseModel], None] = {Problem: None}
        for stated in operations:
            shapes = [stated.problem, *(answer.schema for answer in stated.answers.values())]
            shapes += [stated.body.schema] if stated.body else []
            models |= {shape: None for shape in shapes if shape is not None}
        self._references, definitions = models_json_schema(
            [(model, "validation") for model in models], ref_template=REFERENCE, schema_generator=_ForGenerators
        )
        self.components = dict(sorted(definitions["$defs"].items()))
        for name in examples().keys() & self.components.keys():
            self.components[name]["examples"] = [examples()[name]]

    def reference(self, model: type[BaseModel]) -> Mapping[str, Any]:
        """How a model is named in the document."""
        return self._references[(model, "validation")]

    def _example(self, name: str) -> Any:
        """The example of a shape; of a list, a list with the example of its items."""
        schema = self.components[name]
        if "examples" in schema:
            return schema["examples"][0]
        fields = schema.get("properties", {})
        item = self.components.get(fields.get("data", {}).get("items", {}).get("$ref", "").rpartition("/")[2], {})
        if "examples" not in item:
            return None
        return dict.fromkeys(fields) | {"object": "list", "data": item["examples"], "has_more": False}

    def media(self, model: type[BaseModel] | None, others: Mapping[str, Any], *, json: str) -> dict[str, Any]:
        """What a body may be: JSON of a model, or something else."""
        content: dict[str, Any] = {}
        if model is not None:
            content[json] = {"schema": self.reference(model)}
            example = self._example(model.__name__)
            if example is not None:
                content[json]["example"] = example
        return content | {name: {"schema": schema} for name, schema in others.items()}


def problem_name(status: int) -> str:
    """The name of an error in the document: `NotFound`."""
    return HTTPStatus(status).phrase.title().replace(" ", "").replace("-", "")


def problem_answer(status: int, shape: type[BaseModel], schemas: Schemas) -> dict[str, Any]:
    """An error of this status and shape, with an example."""
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
