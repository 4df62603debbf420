"""Holds answers to what `/openapi.json` says of them."""

import gzip
import json
import re
import sys
from functools import cache, cached_property
from typing import Any

import pytest
from flask.testing import FlaskClient
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter
from werkzeug.test import TestResponse

from api.app import create_app
from api.openapi import document
from worker.settings import Settings

with pytest.MonkeyPatch.context() as patch:  # where it is there, jsonschema builds 38 parsers of IRIs with it, in 3 s
    patch.setitem(sys.modules, "rfc3987_syntax", None)
    import jsonschema


class Description:
    """A description, with its references followed."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        resource = Resource(contents=document, specification=DRAFT202012)  # type: ignore[call-arg]
        self.registry = Registry().with_resource("urn:api", resource)

    def resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        """What a reference leads to, or the part itself."""
        here = part
        while "$ref" in here:
            reference, here = here["$ref"], self.document
            for name in reference.removeprefix("#/").split("/"):
                here = here[name]
        return here

    def validate(self, schema: dict[str, Any], value: Any) -> None:
        """Raise jsonschema's ValidationError when a value does not fit."""
        if "$ref" in schema:
            schema = {"$ref": "urn:api" + schema["$ref"]}
        jsonschema.Draft202012Validator(schema, registry=self.registry).validate(value)


@cache
def description_of_the_app() -> Description:
    """The description of an app without keys; all apps have the same routes."""
    return Description(document(create_app(Settings()), keys=False))


class DescribedClient(FlaskClient):
    """A test client that accepts only answers that are as described."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Ask, then hold the answer to its description."""
        response = super().open(*args, **kwargs)
        try:
            rule, _ = self._routes.match(response.request.path, method=response.request.method, return_rule=True)
        except HTTPException:
            return response
        self._check(response, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        return response

    @cached_property
    def _routes(self) -> MapAdapter:
        return self.application.url_map.bind("localhost")

    def _check(self, response: TestResponse, path: str) -> None:
        method, description = response.request.method, description_of_the_app()
        described = description.document["paths"].get(path, {}).get(method.lower())
        if described is None:  # OPTIONS, or a route that a test added
            return
        place = f"{method} {path} → {response.status_code}"
        assert str(response.status_code) in described["responses"], f"{place} is not described"
        answer = description.resolved(described["responses"][str(response.status_code)])
        missing = {name for name in answer.get("headers", {}) if name not in response.headers}
        assert not missing, f"{place} lacks the headers {missing}"
        if "content" not in answer:
            assert response.get_data() == b"", f"{place}: no body is described"
            return
        assert response.mimetype in answer["content"], f"{place}: {response.mimetype} is not described"
        if response.mimetype.endswith("json"):
            data = response.get_data()
            plain = gzip.decompress(data) if response.content_encoding == "gzip" else data
            description.validate(answer["content"][response.mimetype]["schema"], json.loads(plain))
