"""A kind of work that a function runs is submitted, followed, cancelled and deleted over HTTP of its own accord."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from tests.support.builders.requests import SentWakeUps
from tests.support.builders.tools import tools
from tests.support.kinds import SQUARE, SUM
from worker import work
from worker.runtime.function_runner import FunctionRunner
from worker.settings import Settings
from worker.store import Store


@pytest.fixture
def app(settings: Settings, queue: SentWakeUps, monkeypatch: pytest.MonkeyPatch, store: Store) -> Iterator[Flask]:
    for kind in (SUM, SQUARE):
        monkeypatch.setitem(work.KINDS, kind.noun, kind)
    app = create_app(settings, store=Store(store.redis, settings), queue=queue)  # type: ignore[arg-type]
    yield app
    app.extensions["neurond"].prediction_client.stop()


def run_all(app: Flask, settings: Settings) -> None:
    store = app.extensions["neurond"].store
    while waiting := [kind for kind in (SUM, SQUARE) if store.records(kind).waiting()]:
        for kind in waiting:
            FunctionRunner(tools(store, settings), kind).run()


def test_it_is_submitted_followed_and_read(
    app: Flask, client: FlaskClient, queue: SentWakeUps, settings: Settings
) -> None:
    submitted = client.post("/v1/sums", json={"numbers": [3, 4]})
    made = submitted.json
    run_all(app, settings)
    ended = client.get(made["urls"]["self"])
    events = client.get(made["urls"]["events"]).json["data"]

    assert submitted.status_code == 202
    assert submitted.headers["Location"] == made["urls"]["self"] == f"/v1/sums/{made['id']}"
    assert queue.work["files"] == 1
    assert (made["object"], made["status"], made["request"]) == ("sum", "queued", {"numbers": [3, 4]})
    assert (ended.json["status"], ended.json["result"], len(ended.json["children"])) == ("succeeded", {"sum": 25}, 2)
    assert client.get(made["urls"]["self"], headers={"If-None-Match": ended.headers["ETag"]}).status_code == 304
    assert [event["event"] for event in events] == ["queued", "running", "waiting", "queued", "running", "succeeded"]
    assert client.get(f"/v1/squares/{ended.json['children'][0]}").json["result"] == {"square": 9}


def test_a_wrong_request_is_refused_with_its_field(client: FlaskClient) -> None:
    refused = client.post("/v1/sums", json={"numbers": ["x"]})

    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "#/numbers/0"


def test_the_same_key_gives_the_same_one(client: FlaskClient, queue: SentWakeUps) -> None:
    key = {"Idempotency-Key": "k"}

    first, again = (client.post("/v1/sums", json={"numbers": [1]}, headers=key).json["id"] for _ in range(2))

    assert first == again
    assert client.post("/v1/sums", json={"numbers": [2]}, headers=key).status_code == 422
    assert len(client.get("/v1/sums").json["data"]) == 1


def test_it_is_cancelled_with_its_children_and_deleted_when_it_has_ended(
    app: Flask, client: FlaskClient, settings: Settings
) -> None:
    made = client.post("/v1/sums", json={"numbers": [1, 2]}).json
    FunctionRunner(tools(app.extensions["neurond"].store, settings), SUM).run()
    early = client.delete(made["urls"]["self"])

    ended = client.post(made["urls"]["cancel"]).json

    assert early.status_code == 409
    assert ended["status"] == "cancelled"
    assert [client.get(f"/v1/squares/{child}").json["status"] for child in ended["children"]] == ["cancelled"] * 2
    assert client.delete(made["urls"]["self"]).status_code == 204
    assert client.get(made["urls"]["self"]).status_code == 404


def test_it_stands_in_the_description(client: FlaskClient) -> None:
    document = client.get("/openapi.json").json

    assert document["paths"]["/v1/sums"]["post"]["operationId"] == "createSum"
    assert "Numbers" in document["components"]["schemas"]
    assert {"getSum", "listSums", "cancelSum", "deleteSum"} <= {
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict)
    }
