import subprocess
import sys
from collections.abc import Iterator

import fakeredis
import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from api.services import EXTENSION
from tests.support import s3
from tests.support.builders.requests import SentWakeUps
from worker.failover.redis_errors import NotReplicatedError
from worker.settings import Settings
from worker.store import Store
from worker.store.blobs import Blobs
from worker.work.kind import QUEUES


def test_importing_the_api_leaves_numpy_nn_and_the_tasks_unloaded() -> None:
    program = (
        "import sys, api.app, api.cli, api.server; "
        "print([name for name in ('numpy', 'nn', 'worker.tasks', 'worker.training.trainer') if name in sys.modules])"
    )

    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "[]"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("get", "/nothing", 404), ("get", "/v1/jobs/", 200), ("delete", "/v1/jobs", 405), ("post", "/healthz", 405)],
)
def test_what_is_not_there_is_a_problem_never_html(client: FlaskClient, method: str, path: str, status: int) -> None:
    response = getattr(client, method)(path)

    assert response.status_code == status
    if status >= 400:
        assert response.content_type == "application/problem+json"
        assert response.json["status"] == status
        assert response.json["instance"] == path


def test_an_unforeseen_error_is_500_without_its_words(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("secret of the house")

    response = app.test_client().get("/broken")

    assert response.status_code == 500
    assert response.content_type == "application/problem+json"
    assert "secret" not in response.text
    assert "secret of the house" in caplog.text


def test_healthz_answers_and_readyz_names_what_is_missing(client: FlaskClient, store: Store) -> None:
    assert client.get("/healthz").status_code == 200
    nobody = client.get("/readyz")
    store.workers.sign("training", "t@host")
    half = client.get("/readyz")
    store.workers.sign("prediction", "p@host")
    for queue in ("files", "models"):
        store.workers.sign(queue, "w@host")
    ready = client.get("/readyz")

    assert (nobody.status_code, half.status_code, ready.status_code) == (503, 503, 200)
    assert "training" in nobody.json["detail"]
    assert "prediction" in half.json["detail"]
    assert "training" not in half.json["detail"]
    assert ready.json["workers"] == dict.fromkeys(QUEUES, 1)
    assert ready.json["blobs"] == "ok"


@pytest.fixture
def unusable(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A blob store whose bucket is not there."""
    with s3.serve() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(store, "blobs", Blobs("s3://another/prefix"))
        yield


@pytest.mark.usefixtures("unusable")
def test_readyz_names_the_variable_of_a_blob_store_that_cannot_be_used(client: FlaskClient, store: Store) -> None:
    for queue in QUEUES:
        store.workers.sign(queue, "w@host")

    response = client.get("/readyz")

    assert response.status_code == 503
    assert "there is no such bucket: see NEUROND_BLOB_URL" in response.json["detail"]
    assert "127.0.0.1" not in response.text, "the address is for the log"


@pytest.mark.usefixtures("unusable")
def test_a_call_that_needs_a_blob_store_that_cannot_be_used_is_503(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = client.post("/v1/datasets", data=b"a,b\n1,2\n", content_type="text/csv")

    assert response.status_code == 503
    assert response.content_type == "application/problem+json"
    assert int(response.headers["Retry-After"]) > 0
    assert "blob store" in response.json["detail"]
    assert "there is no such bucket" in caplog.text


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "/v1/jobs"), ("get", "/v1/jobs/x"), ("post", "/v1/jobs"), ("get", "/v1/models"), ("get", "/readyz")],
)
def test_without_redis_every_call_is_503_and_healthz_is_not(method: str, path: str) -> None:
    settings = Settings()
    server = fakeredis.FakeServer()
    server.connected = False
    app = create_app(settings, store=Store(fakeredis.FakeRedis(server=server), settings), queue=SentWakeUps())
    client = app.test_client()

    response = getattr(client, method)(path, **({"json": {"dataset": "mnist"}} if method == "post" else {}))

    assert response.status_code == 503
    assert response.content_type == "application/problem+json"
    assert response.headers["Retry-After"]
    assert client.get("/healthz").status_code == 200


def test_readyz_tells_when_predictions_cannot_pass_though_the_records_are_there(settings: Settings) -> None:
    exchange = fakeredis.FakeServer()
    store = Store(fakeredis.FakeRedis(), settings, exchange=fakeredis.FakeRedis(server=exchange))
    app = create_app(settings, store=store, queue=SentWakeUps())
    for queue in QUEUES:
        store.workers.sign(queue, "w@host")

    before = app.test_client().get("/readyz")
    exchange.connected = False
    after = app.test_client().get("/readyz")

    assert before.status_code == 200
    assert after.status_code == 503
    assert after.json["status_of"] == {
        "redis": "ok",
        "exchange": "not reached",
        "workers": dict.fromkeys(QUEUES, 1),
    }
    app.extensions[EXTENSION].prediction_client.stop()


def test_what_is_written_and_not_replicated_is_503_that_says_how_to_find_it(
    client: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = store.jobs.create

    def create(*arguments: object, **options: object) -> None:
        created(*arguments, **options)
        raise NotReplicatedError("0 replicas acknowledged it")

    monkeypatch.setattr(store.jobs, "create", create)
    refused = client.post("/v1/jobs", json={"dataset": "mnist"}, headers={"Idempotency-Key": "one"})
    monkeypatch.undo()
    found = client.post("/v1/jobs", json={"dataset": "mnist"}, headers={"Idempotency-Key": "one"})

    assert refused.status_code == 503
    assert refused.content_type == "application/problem+json"
    assert "Idempotency-Key" in refused.json["detail"]
    assert refused.headers["Retry-After"]
    assert found.status_code == 202
    assert [job.id for job in store.jobs.page(limit=9).data] == [found.json["id"]]


@pytest.fixture
def guarded(store: Store) -> FlaskClient:
    return create_app(Settings(api_keys="alpha, beta"), store=store, queue=SentWakeUps()).test_client()


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Bearer", "Basic alpha", "alpha", "Bearer alpha beta"])
def test_with_keys_a_request_without_one_is_401(guarded: FlaskClient, header: str | None) -> None:
    response = guarded.get("/v1/jobs", headers={"Authorization": header} if header else {})

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize(
    ("header", "says", "challenge"),
    [
        (None, "this API needs a key", 'Bearer realm="neurond"'),
        ("Bearer", "this API needs a key", 'Bearer realm="neurond"'),
        ("Basic alpha", "this API needs a key", 'Bearer realm="neurond"'),
        ("Bearer wrong", "this API does not know the key", 'Bearer realm="neurond", error="invalid_token"'),
    ],
)
def test_a_wrong_key_is_told_from_none(guarded: FlaskClient, header: str | None, says: str, challenge: str) -> None:
    response = guarded.get("/v1/jobs", headers={"Authorization": header} if header else {})

    assert response.json["detail"].startswith(says)
    assert response.headers["WWW-Authenticate"] == challenge


@pytest.mark.parametrize(
    ("path", "end"),
    [
        ("/v1/jobs/job_x", "or was deleted, or its retention has ended"),
        ("/v1/predictions/pred_x", "or was deleted, or its retention has ended"),
        ("/v1/models/model_x", "or was deleted"),
        ("/v1/models/x", "or was deleted"),
        ("/v1/aliases/x", "or was deleted"),
        ("/v1/datasets/ds_x", "or was deleted"),
    ],
)
def test_only_what_expires_is_said_to(client: FlaskClient, path: str, end: str) -> None:
    assert client.get(path).json["detail"].endswith(f"; it never existed, {end}")


@pytest.mark.parametrize("key", ["alpha", "beta"])
def test_with_keys_each_of_them_opens_the_api(guarded: FlaskClient, key: str) -> None:
    assert guarded.get("/v1/jobs", headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_with_keys_health_stays_open(guarded: FlaskClient) -> None:
    assert guarded.get("/healthz").status_code == 200
    assert guarded.get("/readyz").status_code == 503


def test_samples_of_the_built_in_data_set_come_with_their_labels(client: FlaskClient) -> None:
    samples = client.get("/v1/datasets/mnist/samples?split=test&offset=2&limit=3").json["data"]

    assert [(sample["index"], sample["y"]) for sample in samples] == [(2, 1), (3, 0), (4, 4)]
    assert all(len(sample["x"]) == 784 and max(sample["x"]) > 200 for sample in samples)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/datasets/unheard/samples", 404),
        ("/v1/datasets/mnist/samples?split=all", 422),
        ("/v1/datasets/mnist/samples?offset=-1", 422),
        ("/v1/datasets/mnist/samples?limit=101", 422),
        ("/v1/datasets/mnist/samples?page=1", 422),
    ],
)
def test_samples_that_cannot_be_given_are_a_problem(client: FlaskClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


def test_samples_end_where_the_data_set_ends(client: FlaskClient) -> None:
    assert len(client.get("/v1/datasets/mnist/samples?split=test&offset=9998").json["data"]) == 2
    assert client.get("/v1/datasets/mnist/samples?split=test&offset=10000").json["data"] == []
