"""Nothing is kept before it is accepted, and what is kept has a bound."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from tests.support.builders.access import OWNER, READER
from tests.support.builders.requests import SPEC, SentWakeUps
from tests.support.description import DescribedClient
from worker.errors import QueueFullError, StorageFullError
from worker.settings import Settings
from worker.store import Store, keys, uploads
from worker.store.predictions import MOST_WAITING

CSV = b"a,b\n" + b"1,2\n" * 24
ASYNC = {"Prefer": "respond-async"}
ROWS = b'{"inputs": [[1, 2, 3]]}' + b" " * 90
BODY = len(ROWS)
JSON = {"Content-Type": "application/json"}

Make = Callable[..., FlaskClient]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        blob_url=f"file://{tmp_path}",
        api_keys="owner",
        read_keys="reader",
        key_quota_bytes=1000,
        read_key_quota_bytes=3 * BODY,
        min_free_bytes=0,
        predict_timeout_seconds=0.2,
    )


@pytest.fixture(autouse=True)
def model(store: Store) -> str:
    store.redis.hset(keys.model("model_1"), mapping={"id": "model_1"})
    return "model_1"


def predict(client: FlaskClient, headers: dict[str, str] = READER) -> int:
    return client.post("/v1/models/model_1/predictions", data=ROWS, headers=ASYNC | JSON | headers).status_code


def client_of(store: Store, settings: Settings) -> FlaskClient:
    app = create_app(settings, store=Store(store.redis, settings), queue=SentWakeUps())
    app.test_client_class = DescribedClient
    return app.test_client()


def blobs_of(store: Store) -> list[str]:
    return sorted(path for path, _ in store.blobs.list(""))


def bytes_of(store: Store) -> int:
    return store.blobs.folder_size("")


def test_a_prediction_that_may_not_wait_leaves_no_byte(client: FlaskClient, store: Store) -> None:
    store.redis.zadd(keys.PREDICTION.with_status("queued"), {f"pred_{n}": n for n in range(MOST_WAITING)})

    assert [predict(client, OWNER) for _ in range(3)] == [503] * 3
    assert blobs_of(store) == []
    assert store.usage.kept() == 0
    assert store.redis.zcard(keys.PREDICTION_FOLDERS) == 0


def test_neither_does_one_that_is_refused_when_its_body_is_written(
    client: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []

    def full(*_: object, **__: object) -> None:
        written.extend(blobs_of(store))
        raise QueueFullError("1000 predictions wait already")

    monkeypatch.setattr(type(store.predictions), "create", full)

    assert predict(client) == 503
    assert len(written) == 1
    assert blobs_of(store) == []
    assert store.usage.kept() == 0


def test_a_read_key_keeps_no_more_than_its_quota(client: FlaskClient, store: Store) -> None:
    answers = [predict(client) for _ in range(5)]
    refused = client.post("/v1/models/model_1/predictions", data=ROWS, headers=ASYNC | JSON | READER)

    assert answers == [202, 202, 202, 507, 507]
    assert refused.json["title"] == "Insufficient storage"
    assert (refused.json["kept"], refused.json["quota"]) == (3 * BODY, 3 * BODY)
    assert "NEUROND_READ_KEY_QUOTA_BYTES" in refused.json["detail"]
    assert "Retry-After" not in refused.headers
    assert bytes_of(store) == 3 * BODY
    assert predict(client, OWNER) == 202


def test_an_upload_over_the_quota_is_refused_before_it_is_written(client: FlaskClient, store: Store) -> None:
    stream = io.BytesIO(CSV * 20)
    kept = client.post("/v1/datasets", data=CSV * 5, headers=OWNER)
    refused = client.post("/v1/datasets", input_stream=stream, headers=OWNER | {"Content-Length": "2000"})
    later = client.post("/v1/datasets", data=CSV * 4, headers=OWNER)

    assert (kept.status_code, refused.status_code, later.status_code) == (202, 507, 202)
    assert bytes_of(store) == store.usage.kept() == len(CSV) * 9
    assert client.delete(kept.json["urls"]["self"], headers=OWNER).status_code == 204
    assert bytes_of(store) == store.usage.kept() == len(CSV) * 4


def test_a_body_that_does_not_say_its_length_is_charged_part_by_part(
    client: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "PART_BYTES", 100)
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}

    def send(size: int) -> int:
        stream = io.BytesIO(b"x" * size)
        return client.post("/v1/datasets", input_stream=stream, headers=OWNER, environ_overrides=chunked).status_code

    assert (send(1001), blobs_of(store), store.usage.kept()) == (507, [], 0)
    assert (send(1000), bytes_of(store), store.usage.kept()) == (202, 1000, 1000)


def test_a_form_is_charged_for_its_files(client: FlaskClient, store: Store) -> None:
    form = {"file": (io.BytesIO(CSV), "a.csv"), "name": "shop"}

    made = client.post("/v1/datasets", data=form, headers=OWNER, content_type="multipart/form-data")

    assert made.status_code == 202
    assert store.usage.kept() == len(CSV)


def test_the_original_is_charged_once_however_many_read_it(client: FlaskClient, store: Store) -> None:
    first = client.post("/v1/datasets", data=CSV * 9, headers=OWNER).json
    again = client.post("/v1/datasets", json={"from": first["id"]}, headers=OWNER).json

    client.delete(first["urls"]["self"], headers=OWNER)
    between = store.usage.kept()
    client.delete(again["urls"]["self"], headers=OWNER)

    assert between == len(CSV) * 9
    assert store.usage.kept() == 0
    assert blobs_of(store) == []


def test_who_keeps_as_much_as_it_may_has_nothing_made_either(client: FlaskClient, store: Store) -> None:
    dataset = client.post("/v1/datasets", data=CSV * 10, headers=OWNER).json["id"]

    assert store.usage.kept() == 1000
    assert client.post("/v1/jobs", json=SPEC, headers=OWNER).status_code == 507
    assert client.post("/v1/datasets", json={"from": dataset}, headers=OWNER).status_code == 507
    assert predict(client, OWNER) == 507
    assert client.get(f"/v1/datasets/{dataset}", headers=OWNER).status_code == 200


def test_without_keys_an_address_has_the_quota(store: Store, settings: Settings) -> None:
    client = client_of(store, settings.model_copy(update={"api_keys": (), "read_keys": ()}))

    assert client.post("/v1/datasets", data=CSV * 10).status_code == 202
    assert client.post("/v1/datasets", data=CSV).status_code == 507


def test_predictions_are_deleted_by_who_may_predict(client: FlaskClient, store: Store) -> None:
    running = client.post("/v1/models/model_1/predictions", data=ROWS, headers=ASYNC | JSON | READER).json["id"]
    store.predictions.claim("w", 9000)
    made = client.post("/v1/models/model_1/predictions", data=ROWS, headers=ASYNC | JSON | READER).headers["Location"]

    assert client.delete(made, headers=READER).status_code == 204
    assert client.delete(made, headers=READER).status_code == 404
    assert client.delete(f"/v1/predictions/{running}", headers=READER).status_code == 409
    assert bytes_of(store) == store.usage.kept() == BODY


def test_jobs_are_deleted_once_they_have_ended(client: FlaskClient, store: Store) -> None:
    job = client.post("/v1/jobs", json=SPEC, headers=OWNER).headers["Location"]

    assert client.delete(job, headers=READER).status_code == 403
    assert client.delete(job, headers=OWNER).status_code == 409
    client.post(f"{job}/cancel", headers=OWNER)
    assert client.delete(job, headers=OWNER).status_code == 204
    assert client.get(job, headers=OWNER).status_code == 404
    assert store.redis.hlen(keys.USAGE_CALLERS) == 0


def test_a_job_that_no_worker_took_is_charged_for_no_more(client: FlaskClient, store: Store) -> None:
    job = client.post("/v1/jobs", json=SPEC, headers=OWNER).headers["Location"]
    noted = store.redis.hlen(keys.USAGE_CALLERS)

    client.post(f"{job}/cancel", headers=OWNER)

    assert (noted, store.redis.hlen(keys.USAGE_CALLERS)) == (1, 0)


def test_all_callers_together_keep_what_the_settings_say(store: Store, settings: Settings) -> None:
    client = client_of(store, settings.model_copy(update={"max_kept_bytes": 600}))

    assert client.post("/v1/datasets", data=CSV * 5, headers=OWNER).status_code == 202
    refused = client.post("/v1/datasets", data=CSV * 2, headers=OWNER)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert predict(client) == 503
    assert bytes_of(store) == 500


def test_a_disk_that_is_nearly_full_takes_no_more_and_goes_on_with_what_it_has(
    client: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = client.post("/v1/jobs", json=SPEC, headers=OWNER).headers["Location"]
    dataset = client.post("/v1/datasets", data=CSV, headers=OWNER).headers["Location"]

    def full(_: int = 0) -> None:
        raise StorageFullError("3 bytes are free")

    monkeypatch.setattr(store.space, "check", full)

    for refused in (
        client.post("/v1/datasets", data=CSV, headers=OWNER),
        client.post("/v1/models", data=CSV, headers=OWNER),
        client.post("/v1/jobs", json=SPEC, headers=OWNER),
        client.post("/v1/models/model_1/predictions", data=ROWS, headers=ASYNC | JSON | READER),
    ):
        assert refused.status_code == 503
        assert "nearly full" in refused.json["detail"]
    assert client.post("/v1/models/model_1/predictions", data=ROWS, headers=JSON | READER).status_code == 504
    assert client.post(f"{job}/cancel", headers=OWNER).status_code == 200
    assert client.get(dataset, headers=OWNER).status_code == 200
    assert client.delete(dataset, headers=OWNER).status_code == 204
    assert blobs_of(store) == []


def test_a_disk_that_is_full_all_the_same_is_said_to_be(
    client: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("worker.store.blobs.obstore.put", full)

    refused = client.post("/v1/datasets", data=CSV, headers=OWNER)

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert predict(client) == 503
    assert blobs_of(store) == []
    assert store.usage.kept() == 0
