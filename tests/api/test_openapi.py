"""The description of the API is held to the app."""

import gzip
import inspect
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.app import create_app
from api.openapi import operation_of
from tests.support.builders.requests import SentWakeUps
from tests.support.description import Description
from worker.settings import Settings
from worker.store import Store

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def document(client: FlaskClient) -> dict:
    return client.get("/openapi.json").json


def operations(document: dict) -> Iterator[tuple[str, str, dict]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def test_the_document_is_valid_openapi(document: dict) -> None:
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_every_route_states_its_operation_and_says_in_its_docstring_what_it_does(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert operation_of(app, rule.endpoint) is not None, f"{rule.rule}: put @operation above {rule.endpoint}"
        assert inspect.getdoc(app.view_functions[rule.endpoint]), rule.endpoint


def test_every_route_is_described_and_every_described_one_exists(app: Flask, document: dict) -> None:
    routes = {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    assert {(method, path) for method, path, _ in operations(document)} == routes


def test_operations_have_names_of_their_own_each_a_verb_and_a_noun(document: dict) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]

    assert len(set(names)) == len(names)
    for name in names:
        assert re.fullmatch("(cancel|create|delete|export|get|import|list|put)([A-Z][a-z]+)+", name), name
    assert {"createJob", "listModels", "getModel", "deleteDataset", "createPrediction"} <= set(names)


def test_tags_are_nouns_with_a_sentence_each(document: dict) -> None:
    used = {operation["tags"][0] for _, _, operation in operations(document)}

    assert {tag["name"] for tag in document["tags"]} == used
    for tag in document["tags"]:
        assert re.fullmatch("[a-z]+", tag["name"])
        assert re.fullmatch(r"[A-Z].{20,}\.", tag["description"]), tag


def schemas(node: object) -> Iterator[dict]:
    """Every object in a description."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from schemas(child)


def test_what_tells_the_members_of_a_union_apart_is_required(document: dict) -> None:
    unions = [schema for schema in schemas(document) if "discriminator" in schema]
    description = Description(document)

    assert len(unions) >= 4
    for union in unions:
        for member in map(description.resolved, union["oneOf"]):
            name = union["discriminator"]["propertyName"]
            assert name in member["required"], member["title"]
            assert "default" not in member["properties"][name], member["title"]


def test_every_field_of_an_answer_made_of_a_record_is_required(document: dict) -> None:
    for name in ("Job", "JobList", "Model", "Dataset", "Alias", "Worker", "Event", "Progress"):
        shape = document["components"]["schemas"][name]
        assert set(shape["required"]) == shape["properties"].keys(), name
    assert "object" in document["components"]["schemas"]["BatchPrediction"]["required"]


def test_no_default_is_an_object_which_generated_classes_cannot_have(document: dict) -> None:
    assert [schema for schema in schemas(document) if isinstance(schema.get("default"), dict)] == []
    training = document["components"]["schemas"]["TrainingSpec"]["properties"]
    assert training["optimizer"]["x-default"]["name"] == "sgd"


def test_a_generated_client_says_nothing_in_the_query_that_its_user_did_not_say(document: dict) -> None:
    """A parameter beside a body may contradict it, and `default` is sent."""
    for method, path, operation in operations(document):
        if "requestBody" in operation:
            sent = [one["name"] for one in operation["parameters"] if "default" in one["schema"]]
            assert sent == [], f"{method} {path}"


def test_every_example_fits_its_schema(document: dict) -> None:
    description = Description(document)
    contents = [
        (f"{method} {path}", name, media)
        for method, path, operation in operations(document)
        for part in [operation.get("requestBody", {}), *operation["responses"].values()]
        for name, media in description.resolved(part).get("content", {}).items()
    ]

    for place, name, media in contents:
        examples = [example["value"] for example in media.get("examples", {}).values()]
        examples += [media["example"]] if "example" in media else []
        assert examples or "$ref" not in media["schema"], f"{place}: {name} has no example"
        for example in examples:
            description.validate(media["schema"], example)


def test_the_example_of_what_has_just_begun_is_no_further(document: dict) -> None:
    begun = {
        f"{method} {path}": content["application/json"]["example"]
        for method, path, operation in operations(document)
        if (content := operation["responses"].get("202", {}).get("content"))
    }
    cancelled = document["paths"]["/v1/jobs/{job_id}/cancel"]["post"]["responses"]["200"]["content"]

    assert len(begun) == 4
    for place, example in begun.items():
        assert example["status"] in {"queued", "processing"}, place
        assert example["finished_at"] is None, place
        assert example.get("started_at") is None, place
    assert cancelled["application/json"]["example"]["cancel_requested_at"] is not None


def test_the_document_asks_for_a_key_only_where_the_app_does(document: dict, store: Store, queue: SentWakeUps) -> None:
    guarded = create_app(Settings(api_keys="alpha"), store=store, queue=queue).test_client().get("/openapi.json").json

    assert document["security"] == []
    assert guarded["security"] == [{"key": []}]
    assert guarded["paths"]["/healthz"]["get"]["security"] == []


def test_an_unchanged_document_is_304(client: FlaskClient) -> None:
    etag = client.get("/openapi.json").headers["ETag"]

    assert client.get("/openapi.json", headers={"If-None-Match": etag}).status_code == 304


def test_the_reference_page_loads_nothing_from_elsewhere_and_runs_only_its_own_scripts(client: FlaskClient) -> None:
    page = client.get("/docs")

    assert page.mimetype == "text/html"
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    links = {link for link in re.findall(r'(?:src|href)="([^"#]+)', page.text) if not link.startswith("https://")}
    assert len(links) > 10
    for link in links:
        assert link.startswith("/"), link
        assert client.get(link).status_code == 200, link
    assert not re.search(r"<script(?![^>]*src=)|<style| style=", page.text)


def test_the_reference_page_has_every_call_every_shape_and_nothing_twice(client: FlaskClient, document: dict) -> None:
    text = client.get("/docs").text
    anchors = re.findall(r' id="([^"]+)"', text)
    calls = re.findall(r'data-method="(\w+)" data-path="([^"]+)"', text)

    assert {(method.lower(), path) for method, path in calls} == {(m, path) for m, path, _ in operations(document)}
    assert len(set(anchors)) == len(anchors)
    assert {name.lower() for name in document["components"]["schemas"]} <= set(anchors)
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(anchors)


def test_the_reference_page_asks_for_a_key_where_the_app_does(store: Store, queue: SentWakeUps) -> None:
    fields = [
        'id="key"' in create_app(Settings(api_keys=keys), store=store, queue=queue).test_client().get("/docs").text
        for keys in ("", "alpha")
    ]

    assert fields == [False, True]


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
def test_what_is_large_travels_compressed_and_once(path: str) -> None:
    client = create_app(Settings()).test_client()
    plain, zipped = client.get(path), client.get(path, headers={"Accept-Encoding": "gzip"})

    assert gzip.decompress(zipped.data) == plain.data
    assert len(zipped.data) < 0.4 * len(plain.data)
    assert zipped.headers["ETag"] != plain.headers["ETag"]
    known = {"If-None-Match": zipped.headers["ETag"], "Accept-Encoding": "gzip"}
    assert client.get(path, headers=known).status_code == 304
