"""Writes `docs/reference.md` from the code: the command line, the settings, the HTTP calls and their shapes.

python docs/reference.py            a test tells when it must be run again; writes docs/examples.py's examples, too
"""

import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from api.app import create_app
from api.cli import SECTIONS, main
from api.openapi import document
from api.openapi.words import Schema, about, type_of
from worker.settings import PREFIX, Settings

PAGE = Path(__file__).with_name("reference.md")

HEAD = """# Reference

Written from the code by `python docs/reference.py`; a test holds it to the code. [Command line](#command-line) ·
[Settings](#settings) · [HTTP](#http) · [Shapes](#shapes)
"""


def write() -> str:
    """The whole page."""
    described = document(create_app(Settings()), keys=True)
    parts = [HEAD, *command_line(), *settings(), *calls(described), *shapes(described["components"]["schemas"])]
    return "\n".join(parts).rstrip() + "\n"


def command_line() -> Iterator[str]:
    """Each command's help, as it prints it."""
    yield "## Command line\n"
    top = click.Context(main, info_name="neurond")
    for title, names in SECTIONS.items():
        yield f"### {title}\n"
        for name in names:
            command = main.get_command(top, name)
            assert command is not None
            context = click.Context(command, parent=top, info_name=name, terminal_width=100, **main.context_settings)
            yield f"```text\n{command.get_help(context)}\n```\n"


def settings() -> Iterator[str]:
    """Every environment variable."""
    yield "## Settings\n\n| variable | default | what it is |\n| --- | --- | --- |"
    for name, field in Settings.model_fields.items():
        default = field.default if isinstance(field.default, str | int | float) else ""
        shown = f"`{default:g}`" if isinstance(default, float) else f"`{default}`" if default != "" else ""
        yield f"| `{PREFIX}{name.upper()}` | {shown} | {field.description} |"
    yield ""


def calls(described: dict[str, Any]) -> Iterator[str]:
    """Each call: its parameters, what it takes, and what it answers."""
    yield "## HTTP\n"
    yield "Every call may also answer with a [Problem](#problem); [http.md](http.md) says when."
    by_tag: dict[str, list[tuple[str, str, Any]]] = {tag["name"]: [] for tag in described["tags"]}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if method in {"get", "put", "post", "delete"}:
                by_tag[operation["tags"][0]].append((method.upper(), path, operation))
    for tag in described["tags"]:
        yield f"\n### {tag['name'].replace('_', ' ').capitalize()}\n\n{tag.get('description', '')}"
        for method, path, operation in by_tag[tag["name"]]:
            yield f"\n**`{method} {path}`** {_sentence(operation['summary'])}"
            if operation.get("description"):
                yield f"\n{operation['description']}"
            yield ""
            yield from _details(operation)
    yield ""


def _details(operation: dict[str, Any]) -> Iterator[str]:
    for parameter in operation.get("parameters", []):
        if parameter["in"] != "path":
            said = parameter.get("description", "")
            yield f"- {parameter['in']} `{parameter['name']}`: {type_of(parameter['schema'])}{said and '; ' + said}"
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"- takes `{media}`: {type_of(content.get('schema', {}))}"
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            shapes = {type_of(one["schema"]): media for media, one in answer.get("content", {}).items()}
            gives = "; ".join(f"`{media}`: {shape}" for shape, media in shapes.items())
            yield f"- {status}: {answer['description']}{gives and ' ' + gives}"


def shapes(schemas: dict[str, Schema]) -> Iterator[str]:
    """Each object's fields."""
    yield "## Shapes\n"
    for name, schema in schemas.items():
        yield f"### {name}\n"
        if schema.get("description"):
            yield f"{schema['description']}\n"
        if "properties" not in schema:
            yield f"{type_of(schema)}\n"
            continue
        yield "| field | type | |\n| --- | --- | --- |"
        for field, said in schema["properties"].items():
            yield f"| `{field}` | {_cell(type_of(said))} | {_cell(about(field, schema))} |"
        yield ""


def _sentence(text: str) -> str:
    return text if text.endswith(".") else text + "."


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|")


if __name__ == "__main__":
    runpy.run_path(str(PAGE.with_name("examples.py")), run_name="__main__")
    PAGE.write_text(write(), "utf-8")
