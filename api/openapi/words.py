"""A JSON Schema in words, as Markdown: for `/docs` and for `docs/reference.md`."""

import json
from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

BOUNDS: Final = {"minimum": "≥ {}", "exclusiveMinimum": "> {}", "maximum": "≤ {}", "exclusiveMaximum": "< {}"}


def type_of(schema: Schema) -> str:
    """What a value of this schema is; a shape with a name is a link to it."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for either in ("anyOf", "oneOf"):
        if either in schema:
            return " or ".join(dict.fromkeys(type_of(one) for one in schema[either]))
    if "const" in schema:
        return f"`{in_json(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{in_json(value)}`" for value in schema["enum"])
    kind = schema.get("type", "any JSON")
    if kind == "array":
        return f"list of {type_of(schema['items'])}" if "items" in schema else "list"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {type_of(schema['additionalProperties'])}"
    if kind == "string":
        kind = schema.get("format", kind)
    bounds = [text.format(schema[bound]) for bound, text in BOUNDS.items() if bound in schema]
    return " ".join([kind, *bounds]) if isinstance(kind, str) else " or ".join(kind)


def about(field: str, schema: Schema) -> str:
    """What a field of an object is for, and what holds where it is left out."""
    said = schema["properties"][field]
    parts = [said.get("description", "")]
    default = said.get("default", said.get("x-default"))
    if default is not None:
        parts.append(f"default `{in_json(default)}`")
    elif field in schema.get("required", []) and schema.get("additionalProperties") is False:
        parts.append("required")
    return "; ".join(filter(None, parts))


def in_json(value: Any) -> str:
    """A value as JSON; text without its quotes."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
