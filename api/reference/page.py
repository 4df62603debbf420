"""The description of the API as a page: every call with its parameters, bodies, answers and examples."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from flask import render_template
from markdown_it import MarkdownIt

from api.assets import load
from api.errors import STATUSES
from api.openapi.words import about, type_of

KEYS_FOR: Final = {True: "Without a key.", False: "With a key, where there are keys."}

MARKDOWN: Final = MarkdownIt("commonmark", {"html": False})
"""Descriptions are Markdown; what looks like a tag in them is escaped."""


def page(described: Mapping[str, Any]) -> bytes:
    """The page of an OpenAPI document that `api.openapi` has made."""
    assets = load()
    text = render_template(
        "reference.html",
        root=assets.root,
        parts=assets.parts,
        about=described["info"]["description"],
        version=described["info"]["version"],
        openapi=described["openapi"],
        keys=bool(described["security"]),
        tags=list(_tags(described)),
        errors=STATUSES,
        shapes=described["components"]["schemas"],
        inline=MARKDOWN.renderInline,
        markdown=MARKDOWN.render,
        type_of=type_of,
        about_field=about,
        examples=_examples,
    )
    return text.strip().encode()


def _tags(described: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each noun with its calls, in the order of the document."""
    for tag in described["tags"]:
        calls = [
            _call(method.upper(), path, operation)
            for path, operations in described["paths"].items()
            for method, operation in operations.items()
            if operation["tags"] == [tag["name"]]
        ]
        yield tag | {"title": tag["name"].replace("_", " ").capitalize(), "calls": calls}


def _call(method: str, path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of one call. Its errors are links to what each status means, for all calls alike."""
    responses = operation["responses"]
    good = {status: answer for status, answer in responses.items() if int(status) < 400}
    errors = [answer for status, answer in responses.items() if status not in good]
    own = next((one["content"]["application/json"]["schema"] for one in errors if "content" in one), None)
    return {
        "id": operation["operationId"],
        "method": method,
        "path": path,
        "summary": operation["summary"],
        "description": operation.get("description"),
        "access": KEYS_FOR[operation.get("security") == []],
        "parameters": operation["parameters"],
        "body": operation.get("requestBody"),
        "answers": good,
        "errors": [status for status in responses if status not in good],
        "problem": own or {"$ref": "#/components/schemas/Problem"},
    }


def _examples(media: Mapping[str, Any]) -> list[str]:
    """The examples of a body or an answer, as they would be sent."""
    values = [one["value"] for one in media.get("examples", {}).values()]
    values += [media["example"]] if "example" in media else []
    return [one if isinstance(one, str) else json.dumps(one, indent=2, ensure_ascii=False) for one in values]
