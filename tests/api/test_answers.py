"""What every answer has, and what no address or body can bring about."""

import gzip
import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from gunicorn.http.errors import InvalidChunkSize, NoMoreData

from api.gate.headers import SECURITY_HEADERS
from tests.support.builders.requests import SPEC, submit
from worker.store import Store


@pytest.mark.parametrize(
    "path",
    ["/v1/jobs", "/metrics", "/openapi.json", "/healthz", "/readyz", "/docs", "/", "/nothing", "/v2", "/v1/jobs/x"],
)
def test_every_answer_is_what_it_says_and_goes_nowhere_else(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    kept = "no-cache" if "ETag" in answer.headers else "no-store"
    assert answer.headers.getlist("Cache-Control") == [kept]


def test_what_is_refused_early_has_the_same_headers(app: Flask) -> None:
    shedding = app.wsgi_app
    shedding._behind = lambda: True  # type: ignore[attr-defined]

    refused = app.test_client().post("/v1/models/m/predictions", json={"inputs": [[1]]})

    assert refused.status_code == 503
    assert {name: refused.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


@pytest.mark.parametrize("suffix", [":events", ":", "%3Aevents", "%2e%2e", "..", "%00", "é", "x" * 101])
def test_an_id_of_another_shape_is_no_id(client: FlaskClient, suffix: str) -> None:
    job_id = submit(client)

    for answer in (
        client.get(f"/v1/jobs/{job_id}{suffix}"),
        client.post(f"/v1/jobs/{job_id}{suffix}/cancel"),
        client.get(f"/v1/models/{suffix}"),
        client.delete(f"/v1/datasets/{suffix}x"),
        client.get(f"/v1/predictions/{suffix}/result"),
    ):
        assert answer.status_code in {404, 405}, answer.request.path
        assert answer.content_type == "application/problem+json"


def test_an_id_in_a_body_leads_to_no_other_key(client: FlaskClient, store: Store) -> None:
    job_id = submit(client)
    store.redis.rename(f"neurond:job:{job_id}:events", "neurond:dataset:ds_1:events")

    refused = client.post("/v1/jobs", json=SPEC | {"dataset": "ds_1:events"})

    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "#/dataset"


@pytest.mark.parametrize("path", ["//v1/jobs", "/v1//jobs", "//v1//jobs/", "//evil.example/..", "/static//x"])
def test_two_slashes_are_no_redirect(client: FlaskClient, path: str) -> None:
    answer = client.get("/", environ_overrides={"PATH_INFO": path})

    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert "Location" not in answer.headers


def test_twenty_thousand_unknown_fields_cost_no_more_than_twenty(client: FlaskClient) -> None:
    body = SPEC | {f"f{number}": 1 for number in range(20_000)}
    begun = time.process_time()

    refused = client.post("/v1/jobs", json=body)

    assert time.process_time() - begun < 0.8, "seconds; it took two, nearly all of them to look for similar names"
    assert len(refused.json["errors"]) == 20
    assert refused.json["detail"].endswith("(and 19999 more)")
    assert len(refused.data) < 20_000


@pytest.mark.parametrize("broken", [InvalidChunkSize(b"zz"), NoMoreData()])
def test_a_body_that_gunicorn_cannot_read_is_400(client: FlaskClient, broken: Exception) -> None:
    class Body:
        def read(self, size: int = -1) -> bytes:
            raise broken

        readinto = readline = read

    for path, kind in (("/v1/jobs", "application/json"), ("/v1/datasets", "text/csv")):
        environ = {"wsgi.input": Body(), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
        refused = client.post(path, content_type=kind, environ_overrides=environ)
        assert refused.status_code == 400, refused.json
        assert "zz" not in refused.text


def test_a_long_answer_is_packed_for_whoever_takes_that(client: FlaskClient) -> None:
    plain = client.get("/v1/datasets/mnist/samples?limit=20")
    packed = client.get("/v1/datasets/mnist/samples?limit=20", headers={"Accept-Encoding": "gzip"})
    short = client.get("/v1/jobs", headers={"Accept-Encoding": "gzip"})

    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip")
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert short.headers.get("Content-Encoding") is None
