"""Writes `neurond/answers.py`, the shapes of what the API answers, from its description.

python docs/answers.py              a test tells when it must be run again
"""

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from api.app import create_app
from api.openapi import document
from worker.settings import Settings

MODULE: Final = Path(__file__).parents[1] / "neurond" / "answers.py"

WIDTH: Final = 115

NAMES: Final = ("Job", "Dataset", "Model", "Alias", "EventList", "Prediction", "BatchPrediction", "SampleList")
"""What the client gives; what stands in them is found."""

HEAD: Final = '''"""What the API answers, by its description. `python docs/answers.py` writes this."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """An answer. Fields that a later server adds are kept."""

    model_config = ConfigDict(extra="allow")

    def __getitem__(self, name: str) -> Any:
        """A field as the JSON that it is on the way: `job["progress"]["epoch"]`."""
        return self.model_dump(mode="json")[name]
'''

PLAIN: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}

Schema = dict[str, Any]


def write() -> str:
    """The whole module."""
    schemas = document(create_app(Settings()), keys=True)["components"]["schemas"]
    known: dict[str, str] = {}
    for name in NAMES:
        add(name, schemas, known)
    return "\n\n".join([HEAD, *known.values()])


def add(name: str, schemas: dict[str, Schema], known: dict[str, str]) -> None:
    """Add the class of a shape, behind those of the shapes that stand in it."""
    if name in known:
        return
    schema = schemas[name]
    for part in json.dumps(schema["properties"]).split('"#/components/schemas/')[1:]:
        inner = part.partition('"')[0]
        if is_answer(schemas[inner]):
            add(inner, schemas, known)
    known[name] = "\n".join(class_of(name, schema, schemas)) + "\n"


def is_answer(schema: Schema) -> bool:
    """Whether a shape is that of an answer; of what is asked for no field may be added, and it is a plain dict."""
    return schema.get("additionalProperties") is not False and "properties" in schema


def class_of(name: str, schema: Schema, schemas: dict[str, Schema]) -> Iterator[str]:
    """The lines of a class."""
    yield f"class {name}(Answer):"
    yield from described(schema.get("description", f"{name}."))
    yield ""
    for field, said in schema["properties"].items():
        yield f"    {field}: {typed(said, schemas, required=field in schema.get('required', ()))}"
        yield from described(said.get("description", ""))


def typed(schema: Schema, schemas: dict[str, Schema], *, required: bool) -> str:
    """The type of a field, and what it is where it is left out."""
    kind = type_of(schema, schemas)
    if required:
        return kind
    default = schema.get("default", {"array": [], "object": {}}.get(str(schema.get("type"))))
    may_be_none = default is not None or kind == "Any" or "None" in kind
    return f"{kind}{'' if may_be_none else ' | None'} = {default!r}"


def described(text: str) -> Iterator[str]:
    """A docstring, in lines that are not too long."""
    lines = textwrap.wrap(text.replace("\\", "\\\\"), WIDTH - 8)
    if len(lines) == 1:
        yield f'    """{lines[0]}"""'
    elif lines:
        yield from textwrap.indent("\n".join(['"""' + lines[0], *lines[1:], '"""']), "    ").split("\n")


def type_of(schema: Schema, schemas: dict[str, Schema]) -> str:
    """The type of what has this schema."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return name if is_answer(schemas[name]) else "dict[str, Any]"
    for either in ("anyOf", "oneOf"):
        if either in schema:
            return " | ".join(dict.fromkeys(type_of(one, schemas) for one in schema[either]))
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    if values is not None:
        return f"Literal[{', '.join(map(repr, values))}]"
    kind = schema.get("type")
    if kind == "array":
        return f"list[{type_of(schema.get('items', {}), schemas)}]"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"dict[str, {type_of(inner, schemas) if isinstance(inner, dict) else 'Any'}]"
    if schema.get("format") == "date-time":
        return "datetime"
    return PLAIN[kind] if isinstance(kind, str) else "Any"


if __name__ == "__main__":
    MODULE.write_text(write(), "utf-8")
