"""Keys, rates and pages of other origins."""

import pytest
from flask.testing import FlaskClient

from tests.support.builders.access import OWNER, READER, client_of
from tests.support.builders.requests import SPEC
from worker.settings import Settings
from worker.store import Store


@pytest.fixture
def guarded(store: Store) -> FlaskClient:
    return client_of(store, api_keys="owner", read_keys="reader")


def test_a_read_only_key_reads_and_changes_nothing(guarded: FlaskClient) -> None:
    made = guarded.post("/v1/jobs", json=SPEC, headers=OWNER)
    url = made.headers["Location"]

    assert guarded.get(url, headers=READER).status_code == 200
    assert guarded.get("/v1/models", headers=READER).status_code == 200
    for refused in (
        guarded.post("/v1/jobs", json=SPEC, headers=READER),
        guarded.post(f"{url}/cancel", headers=READER),
        guarded.put("/v1/aliases/x", json={"model_id": "model_1"}, headers=READER),
        guarded.delete("/v1/aliases/x", headers=READER),
        guarded.delete("/v1/datasets/ds_1", headers=READER),
    ):
        assert refused.status_code == 403
        assert "NEUROND_API_KEYS" in refused.json["detail"]
    assert guarded.get(url, headers=OWNER).json["status"] == "queued"


def test_a_key_can_be_asked_what_it_allows(guarded: FlaskClient, store: Store) -> None:
    allowed = [guarded.get("/v1/access", headers=headers).json["access"] for headers in (OWNER, READER)]

    assert allowed == ["full", "read"]
    assert guarded.get("/v1/access").status_code == 401
    assert client_of(store).get("/v1/access").json["access"] == "full"


def test_a_read_only_key_may_predict(guarded: FlaskClient) -> None:
    asked = guarded.post("/v1/models/model_x/predictions", json={"inputs": [[1]]}, headers=READER)

    assert asked.status_code not in (401, 403)


def test_read_only_keys_alone_close_the_api_to_others(store: Store) -> None:
    client = client_of(store, read_keys="reader")

    assert client.get("/v1/jobs").status_code == 401
    assert client.get("/v1/jobs", headers=READER).status_code == 200
    assert client.get("/openapi.json").json["security"] == [{"key": []}]


def test_a_caller_who_asks_too_often_is_told_when_to_go_on(store: Store) -> None:
    client = client_of(store, api_keys="owner", read_keys="reader", rate_limit=3)

    answers = [client.get("/v1/jobs", headers=OWNER) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 20
    assert "at most 3 requests a minute" in answers[-1].json["detail"]
    assert client.get("/v1/jobs", headers=READER).status_code == 200
    assert client.get("/healthz").status_code == 200


def test_a_caller_who_guesses_keys_is_slowed_down(store: Store) -> None:
    client = client_of(store, api_keys="owner", rate_limit=2)

    answers = [client.get("/v1/jobs", headers={"Authorization": f"Bearer guess{n}"}) for n in range(3)]

    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert client.get("/v1/jobs", headers=OWNER).status_code == 200


def test_an_allowance_is_forgotten_when_it_is_whole_again(store: Store) -> None:
    rates = Store(store.redis, Settings(rate_limit=6)).rate_limit

    assert rates.spend("someone") == 0
    [key] = store.redis.keys("*allowance*")
    assert 9_000 < store.redis.pttl(key) <= 10_000
    assert [rates.spend("someone") for _ in range(5)] == [0] * 5
    assert 9 < rates.spend("someone") <= 10


def test_pages_of_other_origins_are_told_nothing_unless_they_are_named(store: Store) -> None:
    origin = {"Origin": "https://page.example"}
    closed, named = client_of(store), client_of(store, cors_origins="https://page.example, https://other.example")

    assert "Access-Control-Allow-Origin" not in closed.get("/v1/jobs", headers=origin).headers
    allowed = named.get("/v1/jobs", headers=origin)
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://page.example"
    assert "ETag" in allowed.headers["Access-Control-Expose-Headers"]
    assert all("Origin" in named.get("/v1/jobs", headers=asked).headers["Vary"] for asked in ({}, origin))
    assert (
        "Access-Control-Allow-Origin" not in named.get("/v1/jobs", headers={"Origin": "https://evil.example"}).headers
    )


def test_a_named_page_asks_first_without_its_key(store: Store) -> None:
    client = client_of(store, api_keys="owner", rate_limit=1, cors_origins="https://page.example")
    asks = {
        "Origin": "https://page.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, idempotency-key",
    }

    answers = [client.options("/v1/jobs", headers=asks) for _ in range(3)]

    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "https://page.example"
        assert "idempotency-key" in answer.headers["Access-Control-Allow-Headers"].lower()


def test_without_keys_a_page_of_another_origin_changes_nothing(store: Store) -> None:
    client = client_of(store)
    job_id = client.post("/v1/jobs", json=SPEC, headers={"Origin": "http://localhost"}).json["id"]

    refused = client.post(f"/v1/jobs/{job_id}/cancel", headers={"Origin": "https://evil.example"})

    assert refused.status_code == 403
    assert "NEUROND_CORS_ORIGINS" in refused.json["detail"]
    assert client.get(f"/v1/jobs/{job_id}").json["status"] == "queued"
    assert client.post(f"/v1/jobs/{job_id}/cancel", headers={"Origin": "null"}).status_code == 403


@pytest.mark.parametrize("origin", ["page.example", "https://page.example/", "https://*.example", "null"])
def test_what_is_no_origin_is_refused_at_the_start(origin: str) -> None:
    with pytest.raises(ValueError, match="expected origins"):
        Settings(cors_origins=origin)


def test_no_key_stands_in_the_settings_as_text() -> None:
    settings = Settings(api_keys="alpha", read_keys="beta")

    assert "alpha" not in repr(settings) + str(settings.model_dump())
    assert "beta" not in repr(settings) + str(settings.model_dump())


def test_two_api_keys_never_meet_in_one_idempotency_key(store: Store) -> None:
    client = client_of(store, api_keys="alpha,beta")

    def submit(key: str, **fields: object) -> str:
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "nightly"}
        answer = client.post("/v1/jobs", json=SPEC | fields, headers=headers)
        assert answer.status_code == 202, answer.json
        return answer.json["id"]

    first, second = submit("alpha"), submit("beta", seed=7)

    assert first != second
    assert (submit("alpha"), submit("beta", seed=7)) == (first, second)
    kept = b" ".join([*store.redis.keys("*"), *map(store.redis.dump, store.redis.keys("*idempotency*"))])
    assert not [word for word in (b"alpha", b"beta", b"nightly") if word in kept]


def test_a_body_may_be_as_large_as_its_route_says(store: Store) -> None:
    client = client_of(store, max_body_bytes=1000)
    large = b" " * 5000

    assert client.put("/v1/aliases/x", data=large, content_type="application/json").status_code == 413
    assert client.post("/v1/jobs", data=large, content_type="application/json").status_code == 400
