"""`/v1/workers`."""

from flask.testing import FlaskClient

from worker.jobspec import JobSpec
from worker.store import Store
from worker.store.workers import owner_of


def test_workers_are_told_with_what_each_runs(client: FlaskClient, store: Store) -> None:
    config = JobSpec.model_validate({"dataset": "mnist"}).model_dump(mode="json")
    job, _ = store.jobs.create(config, most_queued=5)
    store.workers.sign("training", "one@host", threads=2)
    store.workers.sign("training", "two@host", threads=1)
    store.workers.sign("prediction", "three@host")
    store.jobs.claim(owner_of("one@host", 4711), 10_000)

    told = {worker["name"]: worker for worker in client.get("/v1/workers").json["data"]}

    assert {name: worker["job_ids"] for name, worker in told.items()} == {
        "one@host": [job.id],
        "two@host": [],
        "three@host": [],
    }
    assert [told[name]["threads"] for name in ("one@host", "two@host", "three@host")] == [2, 1, None]
    assert told["three@host"]["queue"] == "prediction"
    assert all(worker["silent_seconds"] < 10 for worker in told.values())


def test_a_worker_that_signed_off_is_not_told(client: FlaskClient, store: Store) -> None:
    store.workers.sign("training", "one@host")
    store.workers.sign_off("training", "one@host")

    assert client.get("/v1/workers").json["data"] == []
