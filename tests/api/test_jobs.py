import pytest
from flask.testing import FlaskClient
from kombu.exceptions import OperationalError
from redis.exceptions import OutOfMemoryError

from api.app import create_app
from tests.api.conftest import SentWakeUps
from worker.errors import StoreFullError
from worker.settings import Settings
from worker.store import Store, models
from worker.store.jobs import NewModel

SPEC = {"dataset": "mnist"}


def submit(client: FlaskClient, **fields: object) -> str:
    response = client.post("/v1/jobs", json=SPEC | fields)
    assert response.status_code == 202
    return response.json["id"]


def test_submitting_gives_202_with_the_job_and_where_to_find_it(client: FlaskClient, queue: SentWakeUps) -> None:
    response = client.post("/v1/jobs", json={**SPEC, "name": "first", "metadata": {"team": "a"}, "seed": 7})

    job = response.json
    assert response.status_code == 202
    assert response.headers["Location"] == f"/v1/jobs/{job['id']}" == job["urls"]["self"]
    assert response.headers["Retry-After"] == "1"
    assert job["object"] == "job"
    assert job["status"] == "queued"
    assert (job["name"], job["metadata"], job["dataset"]) == ("first", {"team": "a"}, "mnist")
    assert job["config"]["seed"] == 7
    assert job["config"]["model"]["hidden_layers"] == [128, 64]
    assert job["config"]["training"]["optimizer"]["learning_rate"] == 0.1
    assert job["progress"] == {
        "epoch": 0, "epochs": 10, "step": 0, "steps": None, "samples_per_second": None, "eta_seconds": None,
    }  # fmt: skip
    assert queue.train == [job["id"]]


def test_a_job_has_exactly_the_fields_of_the_contract(client: FlaskClient) -> None:
    job = client.get(f"/v1/jobs/{submit(client)}").json

    assert set(job) == {
        "id", "object", "status", "created_at", "started_at", "finished_at", "cancel_requested_at", "attempt",
        "dataset", "name", "metadata", "config", "queue", "progress", "metrics", "model_id", "error", "urls",
    }  # fmt: skip
    assert set(job["urls"]) == {"self", "cancel", "events", "model"}


def test_the_config_of_a_job_can_be_submitted_as_it_is(client: FlaskClient) -> None:
    first = client.post("/v1/jobs", json={**SPEC, "preset": "article", "training": {"loss": "cross_entropy"}}).json

    second = client.post("/v1/jobs", json=first["config"]).json

    assert second["config"] == first["config"]


def test_a_preset_gives_defaults_that_the_request_goes_before(client: FlaskClient) -> None:
    config = client.post("/v1/jobs", json={**SPEC, "preset": "article", "training": {"epochs": 3}}).json["config"]

    assert config["model"]["activation"] == "sigmoid"
    assert config["model"]["bias"] is False
    assert config["training"]["loss"] == "mean_squared_error"
    assert config["training"]["batch_size"] == 1
    assert config["training"]["epochs"] == 3


def test_layers_replace_the_shorthand_of_defaults_and_presets(client: FlaskClient) -> None:
    layers = [{"type": "conv2d", "filters": 4, "kernel": 3}, {"type": "relu"}, {"type": "max_pool2d"}]

    for preset in (None, "article"):
        config = client.post("/v1/jobs", json={**SPEC, "preset": preset, "model": {"layers": layers}}).json["config"]
        again = client.post("/v1/jobs", json=config).json["config"]

        assert config["model"]["hidden_layers"] is None
        assert config["model"]["activation"] is None
        assert config["model"]["layers"][0] == {
            "type": "conv2d", "filters": 4, "kernel": 3, "stride": 1, "padding": 0, "bias": True,
            "initializer": "he_normal",
        }  # fmt: skip
        assert config["model"]["layers"][2] == {"type": "max_pool2d", "size": 2}
        assert again == config


@pytest.mark.parametrize(
    ("given", "answered"),
    [
        ("huber", "huber"),
        ({"name": "huber", "delta": 1.0}, "huber"),
        ({"name": "huber", "delta": 2.0}, {"name": "huber", "delta": 2.0}),
        (
            {"name": "cross_entropy", "label_smoothing": 0.1},
            {"name": "cross_entropy", "label_smoothing": 0.1, "class_weights": None},
        ),
        (None, None),
    ],
)
def test_a_loss_is_answered_in_the_shortest_form_that_says_all(
    client: FlaskClient, given: object, answered: object
) -> None:
    config = client.post("/v1/jobs", json={**SPEC, "training": {"loss": given}}).json["config"]

    assert config["training"]["loss"] == answered
    assert client.post("/v1/jobs", json=config).json["config"] == config


def test_another_optimizer_replaces_that_of_the_preset_whole(client: FlaskClient) -> None:
    fields = {"preset": "article", "training": {"optimizer": {"name": "adam"}}}

    config = client.post("/v1/jobs", json=SPEC | fields).json["config"]

    assert config["training"]["optimizer"] == {
        "name": "adam", "learning_rate": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8,
    }  # fmt: skip


def test_an_optimizer_without_a_name_is_sgd(client: FlaskClient) -> None:
    fields = {"preset": "article", "training": {"optimizer": {"learning_rate": 0.5}}}

    config = client.post("/v1/jobs", json=SPEC | fields).json["config"]

    assert config["training"]["optimizer"] == {
        "name": "sgd", "learning_rate": 0.5, "momentum": 0.0, "nesterov": False,
    }  # fmt: skip


def test_a_wake_up_that_is_not_sent_leaves_the_job_to_the_reaper(
    client: FlaskClient, queue: SentWakeUps, store: Store
) -> None:
    queue.broken = OperationalError("no broker")

    job_id = submit(client)

    assert store.jobs.unsent(older_than_seconds=-1) == [job_id]


def test_a_wake_up_that_is_sent_is_noted(client: FlaskClient, store: Store) -> None:
    submit(client)

    assert store.jobs.unsent(older_than_seconds=-1) == []


def test_the_same_idempotency_key_and_body_give_the_same_job(client: FlaskClient, queue: SentWakeUps) -> None:
    headers = {"Idempotency-Key": "k1"}

    first = client.post("/v1/jobs", json=SPEC, headers=headers)
    second = client.post("/v1/jobs", json=SPEC, headers=headers)

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json["id"] == second.json["id"]
    assert queue.train == [first.json["id"]]


def test_the_same_idempotency_key_with_another_body_is_refused(client: FlaskClient) -> None:
    client.post("/v1/jobs", json=SPEC, headers={"Idempotency-Key": "k1"})

    response = client.post("/v1/jobs", json={**SPEC, "seed": 1}, headers={"Idempotency-Key": "k1"})

    assert response.status_code == 422
    assert response.content_type == "application/problem+json"
    assert "Idempotency-Key" in response.json["detail"]


def test_a_full_queue_is_answered_503_with_retry_after(client: FlaskClient) -> None:
    for _ in range(5):
        submit(client)

    response = client.post("/v1/jobs", json=SPEC)

    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"dataset": "mnist", "training": {"epochs": -1}}, "#/training/epochs"),
        ({"dataset": "mnist", "training": {"epochs": "10"}}, "#/training/epochs"),
        ({"dataset": "mnist", "training": {"epochs": True}}, "#/training/epochs"),
        ({"dataset": "mnist", "training": {"batch_size": 0}}, "#/training/batch_size"),
        ({"dataset": "mnist", "training": {"validation_split": 1.0}}, "#/training/validation_split"),
        ({"dataset": "mnist", "training": {"optimizer": {"learning_rate": 0}}}, "#/training/optimizer/learning_rate"),
        ({"dataset": "mnist", "training": {"optimizer": {"name": "magic"}}}, "#/training/optimizer/name"),
        ({"dataset": "mnist", "training": {"optimizer": {"momentun": 0.9}}}, "#/training/optimizer/momentun"),
        ({"dataset": "mnist", "training": {"optimizer": {"nesterov": True, "momentum": 0}}}, "#/training/optimizer"),
        ({"dataset": "mnist", "training": {"schedule": {"name": "magic"}}}, "#/training/schedule/name"),
        ({"dataset": "mnist", "training": {"schedule": {}}}, "#/training/schedule/name"),
        ({"dataset": "mnist", "training": {"schedule": "cosine"}}, "#/training/schedule"),
        ({"dataset": "mnist", "training": {"schedule": {"name": "step", "every": 0}}}, "#/training/schedule/every"),
        ({"dataset": "mnist", "training": {"schedule": {"name": "step", "evry": 1}}}, "#/training/schedule/evry"),
        ({"dataset": "mnist", "training": {"schedule": {"name": "cosine", "warmup": 10}}}, "#/training"),
        ({"dataset": "mnist", "training": {"loss": "hinge"}}, "#/training/loss"),
        ({"dataset": "mnist", "model": {"hidden_layers": ["wide"]}}, "#/model/hidden_layers/0"),
        ({"dataset": "mnist", "model": {"hidden_layers": [128, -64]}}, "#/model/hidden_layers/1"),
        ({"dataset": "mnist", "model": {"hidden_layers": 128}}, "#/model/hidden_layers"),
        ({"dataset": "mnist", "model": {"hidden_layers": [1] * 33}}, "#/model/hidden_layers"),
        ({"dataset": "mnist", "model": {"hiden_layers": []}}, "#/model/hiden_layers"),
        ({"dataset": "mnist", "model": {"activation": None}}, "#/model/activation"),
        ({"dataset": "mnist", "model": {"activation": "swish"}}, "#/model/activation"),
        ({"dataset": "mnist", "model": {"layers": [], "hidden_layers": [3]}}, "#/model/hidden_layers"),
        ({"dataset": "mnist", "model": {"layers": [{"type": "dense"}]}}, "#/model/layers/0/units"),
        ({"dataset": "mnist", "model": {"layers": [{"type": "dense", "units": 0}]}}, "#/model/layers/0/units"),
        (
            {"dataset": "mnist", "model": {"layers": [{"type": "dropout", "rat": 0.1, "rate": 0}]}},
            "#/model/layers/0/rat",
        ),
        ({"dataset": "mnist", "model": {"layers": [{"type": "relu"}, {"units": 3}]}}, "#/model/layers/1/type"),
        ({"dataset": "mnist", "model": {"layers": [{"type": "conv3d"}]}}, "#/model/layers/0/type"),
        ({"dataset": "mnist", "model": {"layers": [{"type": "relu", "slope": 1}]}}, "#/model/layers/0/slope"),
        ({"dataset": "mnist", "model": {"preprocessing": "whiten"}}, "#/model/preprocessing"),
        ({"dataset": "mnist", "training": {"loss": {"name": "huber", "delta": 0}}}, "#/training/loss/delta"),
        ({"dataset": "mnist", "training": {"loss": {"name": "hinge"}}}, "#/training/loss/name"),
        ({"dataset": "mnist", "training": {"loss": {"delta": 1}}}, "#/training/loss/name"),
        ({"dataset": "mnist", "training": {"augmentation": {"rotate": -1}}}, "#/training/augmentation/rotate"),
        ({"dataset": "mnist", "training": {"augmentation": {"flip": True}}}, "#/training/augmentation/flip"),
        ({"dataset": "mnist", "seed": 2**32}, "#/seed"),
        ({"dataset": "mnist", "seed": 1.5}, "#/seed"),
        ({"dataset": "mnist", "name": ""}, "#/name"),
        ({"dataset": "mnist", "metadata": {"k": 1}}, "#/metadata/k"),
        ({"dataset": "mnist", "preset": "unheard"}, "#/preset"),
        ({"dataset": "mnist", "preset": 3}, "#/preset"),
        ({"dataset": "mnist", "a/b~c": 1}, "#/a~1b~0c"),
        ({"dataset": "unheard"}, "#/dataset"),
        ({"dataset": 3}, "#/dataset"),
        ({}, "#/dataset"),
        ([], "#"),
    ],
)
def test_a_bad_field_is_named_by_its_pointer(client: FlaskClient, store: Store, body: object, pointer: str) -> None:
    response = client.post("/v1/jobs", json=body)

    assert response.status_code == 422
    assert response.content_type == "application/problem+json"
    assert [error["pointer"] for error in response.json["errors"]] == [pointer]
    assert response.json["errors"][0]["detail"]
    assert store.jobs.page(limit=1).data == []


def test_a_mistyped_field_is_answered_with_the_one_that_was_meant(client: FlaskClient) -> None:
    response = client.post("/v1/jobs", json={"dataset": "mnist", "training": {"optimiser": {}}})

    assert "did you mean 'optimizer'?" in response.json["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"not json", "application/json", 400),
        (b'{"dataset": NaN}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"dataset": "mnist"}', "text/plain", 415),
        (b'{"dataset": "mnist"}', None, 415),
        (b" " * 20_000_000, "application/json", 413),
    ],
)
def test_a_body_that_is_no_json_object_is_a_problem(
    client: FlaskClient, body: bytes, content_type: str | None, status: int
) -> None:
    response = client.post("/v1/jobs", data=body, content_type=content_type)

    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert response.json["errors"][0]["pointer"] == "#"


def test_an_unknown_job_is_404(client: FlaskClient) -> None:
    for response in (
        client.get("/v1/jobs/job_unknown"),
        client.post("/v1/jobs/job_unknown/cancel"),
        client.get("/v1/jobs/job_unknown/events"),
    ):
        assert response.status_code == 404
        assert response.content_type == "application/problem+json"
        assert "job_unknown" in response.json["detail"]


def test_an_unchanged_job_is_304_until_its_record_changes(client: FlaskClient, store: Store) -> None:
    job_id = submit(client)
    etag = client.get(f"/v1/jobs/{job_id}").headers["ETag"]

    unchanged = client.get(f"/v1/jobs/{job_id}", headers={"If-None-Match": etag})
    store.jobs.claim(job_id, "worker", 10_000)
    changed = client.get(f"/v1/jobs/{job_id}", headers={"If-None-Match": etag})

    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert not etag.startswith("W/")
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag
    assert changed.json["status"] == "running"


def test_cancelling_a_queued_job_ends_it_and_again_changes_nothing(client: FlaskClient) -> None:
    job_id = submit(client)

    first = client.post(f"/v1/jobs/{job_id}/cancel")
    second = client.post(f"/v1/jobs/{job_id}/cancel")

    assert first.status_code == second.status_code == 200
    assert first.json["status"] == "cancelled"
    assert first.json == second.json


def test_jobs_are_listed_newest_first_page_by_page(client: FlaskClient) -> None:
    made = [submit(client) for _ in range(5)]

    first = client.get("/v1/jobs?limit=3").json
    second = client.get(f"/v1/jobs?limit=3&after={first['data'][-1]['id']}").json

    assert first["object"] == "list"
    assert [job["id"] for job in first["data"] + second["data"]] == made[::-1]
    assert (first["has_more"], second["has_more"]) == (True, False)


def test_jobs_are_listed_by_status(client: FlaskClient, store: Store) -> None:
    waiting, running = submit(client), submit(client)
    store.jobs.claim(running, "worker", 10_000)

    assert [job["id"] for job in client.get("/v1/jobs?status=running").json["data"]] == [running]
    assert [job["id"] for job in client.get("/v1/jobs?status=queued").json["data"]] == [waiting]


def test_jobs_are_listed_by_what_they_say(client: FlaskClient) -> None:
    named = submit(client, name="wide")
    tagged = submit(client, metadata={"team": "a"})
    other = submit(client, name="deep", metadata={"team": "b"})

    def listed(query: str) -> list[str]:
        return [job["id"] for job in client.get(f"/v1/jobs?{query}").json["data"]]

    assert listed("name=wide") == [named]
    assert listed("metadata=team%3Da") == [tagged]
    assert listed("name=deep&metadata=team%3Db&status=queued&dataset=mnist") == [other]
    assert listed("name=wide&metadata=team%3Da") == []
    assert listed("dataset=ds_other") == []


def test_a_waiting_job_tells_its_place_and_when_its_turn_comes(client: FlaskClient, store: Store) -> None:
    first, second = submit(client), submit(client)
    alone = client.get(f"/v1/jobs/{second}")
    store.workers.sign("training", "t@host")
    claim = store.jobs.claim(first, "worker", 10_000)
    progress = {"epoch": 1, "epochs": 10, "step": 1, "steps": 1, "samples_per_second": 1.0, "eta_seconds": 12.5}
    store.jobs.report(claim, progress, {})

    waiting = client.get(f"/v1/jobs/{second}", headers={"If-None-Match": alone.headers["ETag"]})

    assert alone.json["queue"] == {"position": 2, "starts_in_seconds": None}
    assert waiting.json["queue"] == {"position": 1, "starts_in_seconds": 12.5}
    assert client.get("/v1/jobs").json["data"][0]["queue"] == waiting.json["queue"]
    assert client.get(f"/v1/jobs/{first}").json["queue"] is None


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=-1",
        "limit=",
        "status=done",
        "page=2",
        "limit=99999999999",
        "metadata=team",
    ],
)
def test_a_bad_parameter_of_a_list_is_422(client: FlaskClient, query: str) -> None:
    response = client.get(f"/v1/jobs?{query}")

    assert response.status_code == 422
    assert response.json["errors"][0]["pointer"] == f"?{query.partition('=')[0]}"


def test_events_are_read_page_by_page(client: FlaskClient, store: Store) -> None:
    job_id = submit(client)
    claim = store.jobs.claim(job_id, "worker", 10_000)
    assert claim is not None
    store.jobs.report(claim, {"epoch": 1}, {"train_loss": 0.5}, {"epoch": 1, "train_loss": 0.5})
    store.jobs.finish(claim, "failed", error={"code": "diverged", "message": "too steep"})

    first = client.get(f"/v1/jobs/{job_id}/events?limit=2").json
    second = client.get(f"/v1/jobs/{job_id}/events?after={first['data'][-1]['id']}").json

    assert [event["event"] for event in first["data"] + second["data"]] == ["queued", "running", "epoch", "failed"]
    assert (first["has_more"], second["has_more"]) == (True, False)
    assert second["data"][0]["data"] == {"epoch": 1, "train_loss": 0.5}


@pytest.mark.parametrize("after", ["yesterday", "1-", "-1", f"1-{2**64}", "1-2-3"])
def test_what_is_no_events_id_is_422(client: FlaskClient, after: str) -> None:
    response = client.get(f"/v1/jobs/{submit(client)}/events?after={after}")

    assert response.status_code == 422
    assert response.json["errors"][0]["pointer"] == "?after"


def test_the_event_stream_tells_all_and_ends_with_done(client: FlaskClient, store: Store) -> None:
    job_id = submit(client)
    client.post(f"/v1/jobs/{job_id}/cancel")
    [queued, _] = store.events.read(job_id)

    whole = client.get(f"/v1/jobs/{job_id}/events", headers={"Accept": "text/event-stream"})
    rest = client.get(f"/v1/jobs/{job_id}/events", headers={"Accept": "text/event-stream", "Last-Event-ID": queued.id})

    assert whole.content_type == "text/event-stream"
    assert [line for line in whole.text.splitlines() if line.startswith("event:")] == [
        "event: queued", "event: cancelled", "event: done",
    ]  # fmt: skip
    assert "event: queued" not in rest.text
    assert "event: cancelled" in rest.text


def test_as_many_streams_are_open_as_may_be_and_no_more(store: Store, queue: SentWakeUps) -> None:
    client = create_app(Settings(max_streams=1), store=store, queue=queue).test_client()
    job_id = submit(client)
    client.post(f"/v1/jobs/{job_id}/cancel")
    headers = {"Accept": "text/event-stream"}

    first = client.get(f"/v1/jobs/{job_id}/events", headers=headers, buffered=False)
    second = client.get(f"/v1/jobs/{job_id}/events", headers=headers)
    beside = client.get("/healthz")
    first.close()
    third = client.get(f"/v1/jobs/{job_id}/events", headers=headers)

    assert [answer.status_code for answer in (first, second, beside, third)] == [200, 503, 200, 200]
    assert second.headers["Retry-After"]


def test_a_finished_job_tells_its_model(client: FlaskClient, store: Store) -> None:
    job_id = submit(client)
    claim = store.jobs.claim(job_id, "worker", 10_000)
    assert claim is not None
    record = models.describe(
        name=None, job_id=job_id, dataset="mnist", task="classification", classes=["0", "1"], architecture={},
        metrics={"test_accuracy": 0.5}, sha256="00", size_bytes=1,
    )  # fmt: skip
    store.jobs.finish(claim, "succeeded", metrics={"test_accuracy": 0.5}, model=NewModel("model_1", record))

    job = client.get(f"/v1/jobs/{job_id}").json
    model = client.get(job["urls"]["model"])

    assert job["status"] == "succeeded"
    assert job["metrics"] == {"test_accuracy": 0.5}
    assert model.json["id"] == job["model_id"] == "model_1"
    assert model.json["job_id"] == job_id
    assert client.get("/v1/models").json["data"] == [model.json]
    assert client.get("/v1/models/model_1", headers={"If-None-Match": model.headers["ETag"]}).status_code == 304


def test_a_redis_that_is_nearly_full_takes_no_job_but_reads_and_cancels(
    client: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = client.post("/v1/jobs", json={"dataset": "mnist"}).json["id"]

    def full() -> None:
        raise StoreFullError("Redis holds 19 bytes, and may hold 20")

    monkeypatch.setattr(store.room, "check", full)

    refused = client.post("/v1/jobs", json={"dataset": "mnist"})

    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert len(client.get("/v1/jobs").json["data"]) == 1
    assert client.post(f"/v1/jobs/{job_id}/cancel").json["status"] == "cancelled"


def test_a_job_whose_wake_up_finds_redis_full_is_accepted_all_the_same(
    client: FlaskClient, queue: SentWakeUps, store: Store
) -> None:
    queue.broken = OutOfMemoryError("command not allowed when used memory > 'maxmemory'")

    job = client.post("/v1/jobs", json={"dataset": "mnist"})

    assert job.status_code == 202
    assert store.jobs.unsent(older_than_seconds=-1) == [job.json["id"]]
