import pytest
from flask.testing import FlaskClient

from worker.store import Store, keys


@pytest.fixture
def models(store: Store) -> list[str]:
    for name in ("model_1", "model_2"):
        store.redis.hset(keys.model(name), mapping={"id": name})
    return ["model_1", "model_2"]


def test_an_alias_is_made_read_switched_listed_and_deleted(client: FlaskClient, models: list[str]) -> None:
    made = client.put("/v1/aliases/digits", json={"model_id": models[0]})
    etag = client.get("/v1/aliases/digits").headers["ETag"]
    switched = client.put("/v1/aliases/digits", json={"model_id": models[1]})
    listed = client.get("/v1/aliases")
    stale = client.get("/v1/aliases/digits", headers={"If-None-Match": etag})
    deleted = client.delete("/v1/aliases/digits")

    assert (made.status_code, switched.status_code, deleted.status_code) == (201, 200, 204)
    assert made.json["model_id"] == models[0]
    assert made.json["urls"] == {"self": "/v1/aliases/digits", "model": "/v1/models/model_1"}
    assert [alias["model_id"] for alias in listed.json["data"]] == [models[1]]
    assert stale.status_code == 200
    assert client.get("/v1/aliases/digits").status_code == 404
    assert client.delete("/v1/aliases/digits").status_code == 404


@pytest.mark.parametrize("name", ["Digits", "model_1", "-x", "a" * 65, "a%20b", "ä"])
def test_a_name_that_stands_badly_in_a_url_is_refused(client: FlaskClient, models: list[str], name: str) -> None:
    refused = client.put(f"/v1/aliases/{name}", json={"model_id": models[0]})

    assert refused.status_code == 422
    assert "expected up to 64" in refused.json["detail"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"model_id": "model_9"}, "#/model_id"), ({}, "#/model_id"), ({"model": "x"}, "#/model_id"), ([], "#")],
)
def test_a_body_that_names_no_model_is_refused(
    client: FlaskClient, models: list[str], body: object, pointer: str
) -> None:
    refused = client.put("/v1/aliases/digits", json=body)

    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == pointer
    assert client.get("/v1/aliases/digits").status_code == 404


def test_predictions_ask_the_model_behind_the_alias(client: FlaskClient, models: list[str], store: Store) -> None:
    store.aliases.point("digits", models[1])

    client.post("/v1/models/digits/predictions", json={"inputs": [[1]]})

    assert store.redis.lrange(keys.ROUND_ROBIN, 0, -1) == [models[1].encode()]
    assert client.post("/v1/models/nothing/predictions", json={"inputs": [[1]]}).status_code == 404
