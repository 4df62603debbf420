"""Jobs from the request to the end of their record: submitted, waiting, listed, cancelled, finished."""

import pytest
from flask.testing import FlaskClient
from kombu.exceptions import OperationalError
from redis.exceptions import OutOfMemoryError

from tests.support.builders.datasets import ready
from tests.support.builders.requests import SPEC, SentWakeUps, submit
from worker.errors import StoreFullError
from worker.store import Store, models
from worker.store.claim import NewModel


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
        "epoch": 0,
        "epochs": 10,
        "step": 0,
        "steps": None,
        "samples_per_second": None,
        "eta_seconds": None,
    }
    assert queue.work["training"] == 1


def test_a_job_has_exactly_the_fields_of_the_contract(client: FlaskClient) -> None:
    job = client.get(f"/v1/jobs/{submit(client)}").json

    assert set(job) == {
        "id",
        "object",
        "status",
        "created_at",
        "started_at",
        "finished_at",
        "cancel_requested_at",
        "attempt",
        "dataset",
        "name",
        "metadata",
        "config",
        "queue",
        "progress",
        "metrics",
        "model_id",
        "error",
        "urls",
    }
    assert set(job["urls"]) == {"self", "cancel", "events", "model"}


def test_a_wake_up_that_is_not_sent_leaves_the_job_to_the_reaper(
    client: FlaskClient, queue: SentWakeUps, store: Store
) -> None:
    queue.broken = OperationalError("no broker")

    submit(client)

    assert store.jobs.waiting() == 1


def test_the_same_idempotency_key_and_body_give_the_same_job(client: FlaskClient, queue: SentWakeUps) -> None:
    headers = {"Idempotency-Key": "k1"}

    first = client.post("/v1/jobs", json=SPEC, headers=headers)
    second = client.post("/v1/jobs", json=SPEC, headers=headers)

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json["id"] == second.json["id"]
    assert queue.work["training"] == 1


def test_what_a_key_was_given_stands_when_its_data_set_is_gone(client: FlaskClient, store: Store) -> None:
    asked = {"json": {"dataset": ready(store)}, "headers": {"Idempotency-Key": "k1"}}
    first = client.post("/v1/jobs", **asked).json
    client.post(f"/v1/jobs/{first['id']}/cancel")
    gone = client.delete(f"/v1/datasets/{first['dataset']}").status_code

    again = client.post("/v1/jobs", **asked)

    assert (gone, again.status_code) == (204, 202)
    assert again.json["id"] == first["id"]
    assert client.post("/v1/jobs", json=asked["json"]).status_code == 422


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
    store.jobs.claim("worker", 10_000)
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
    running, waiting = submit(client), submit(client)
    store.jobs.claim("worker", 10_000)

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
    claim = store.jobs.claim("worker", 10_000)
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


def test_a_finished_job_tells_its_model(client: FlaskClient, store: Store) -> None:
    job_id = submit(client)
    claim = store.jobs.claim("worker", 10_000)
    assert claim is not None
    record = models.describe(
        name=None,
        job_id=job_id,
        dataset="mnist",
        task="classification",
        classes=["0", "1"],
        architecture={},
        metrics={"test_accuracy": 0.5},
        sha256="00",
        size_bytes=1,
    )
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

    monkeypatch.setattr(store.memory_guard, "check", full)

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
    assert store.jobs.waiting() == 1
