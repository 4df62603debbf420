"""Submit, poll, predict; and what happens when a part of the service dies."""

import os
import signal
import time
from pathlib import Path

import httpx
import pytest

from api.local.stack import Stack, StackError
from neurond import ApiError, Client
from tests.support.builders.jobs import LONG, SHORT
from tests.support.clock import wait_until
from tests.support.processes import open_stack, pids_of


def finish(client: Client, job_id: str) -> dict:
    *_, job = client.follow(job_id)
    return job


def begin_long_job(client: Client) -> str:
    job_id = client.submit(LONG)["id"]
    wait_until(lambda: client.job(job_id)["progress"]["epoch"] >= 2)
    return job_id


def test_a_job_is_trained_its_model_stored_and_asked(client: Client) -> None:
    job = finish(client, client.submit(SHORT)["id"])

    assert job["status"] == "succeeded", job["error"]
    assert job["attempt"] == 1
    assert job["started_at"] > job["created_at"]
    assert job["finished_at"] > job["started_at"]
    assert job["progress"]["epoch"] == job["progress"]["epochs"] == 2
    assert job["metrics"]["test_accuracy"] > 0.93
    assert job["metrics"]["validation_accuracy"] > 0.9
    epochs = [event["data"] for event in client.events(job["id"]) if event["event"] == "epoch"]
    assert [epoch["epoch"] for epoch in epochs] == [1, 2]
    assert epochs[1]["train_loss"] < epochs[0]["train_loss"]

    model = client.model(job["model_id"])
    assert model["job_id"] == job["id"]
    assert model["classes"] == list("0123456789")
    assert model["metrics"]["test_accuracy"] == job["metrics"]["test_accuracy"]

    samples = client.samples("mnist", split="test", offset=0, limit=100)
    answer = client.predict(model["id"], [sample["x"] for sample in samples])
    right = [digit == sample["y"] for digit, sample in zip(answer["predictions"], samples, strict=True)]
    assert sum(right) >= 90
    assert all(abs(sum(row) - 1) < 1e-5 for row in answer["probabilities"])
    assert answer["model_id"] == model["id"]
    assert answer["status"] == "succeeded"


def test_the_same_seed_gives_the_same_model(client: Client) -> None:
    first, second = (finish(client, client.submit(SHORT)["id"]) for _ in range(2))

    assert client.model(first["model_id"])["sha256"] == client.model(second["model_id"])["sha256"]


def test_bad_prediction_input_is_422_and_names_the_place(client: Client) -> None:
    job = finish(client, client.submit(SHORT)["id"])

    for inputs, pointer in (
        ([[0.0] * 784, [0.0] * 5], "#/inputs/1"),
        ([[0.0] * 783 + ["x"]], "#/inputs/0/783"),
        ([], "#/inputs"),
    ):
        with pytest.raises(ApiError) as raised:
            client.predict(job["model_id"], inputs)
        assert raised.value.status == 422
        assert raised.value.problem["errors"][0]["pointer"] == pointer


def test_a_body_of_twenty_megabytes_is_413_over_a_real_connection(stack: Stack) -> None:
    response = httpx.post(
        f"{stack.url}/v1/jobs", content=b" " * 20_000_000, headers={"Content-Type": "application/json"}, timeout=20
    )

    assert response.status_code == 413
    assert response.headers["Content-Type"] == "application/problem+json"


def test_a_running_job_is_cancelled_within_a_second_and_makes_no_model(client: Client) -> None:
    job_id = begin_long_job(client)

    asked = client.cancel(job_id)
    begun = time.monotonic()
    job = finish(client, job_id)

    assert asked["cancel_requested_at"] is not None
    assert job["status"] == "cancelled"
    assert job["model_id"] is None
    assert time.monotonic() - begun < 2


def test_a_job_whose_child_process_is_killed_is_taken_up_again(stack: Stack, client: Client) -> None:
    job_id = begin_long_job(client)
    _, [child] = pids_of(stack, "worker-train")

    os.kill(child, signal.SIGKILL)

    wait_until(lambda: client.job(job_id)["attempt"] == 2 and client.job(job_id)["status"] == "running")
    client.cancel(job_id)
    assert finish(client, job_id)["status"] == "cancelled"


def test_a_worker_that_is_told_to_stop_puts_its_job_back_and_the_next_one_takes_it(
    stack: Stack, client: Client
) -> None:
    job_id = begin_long_job(client)
    main, _ = pids_of(stack, "worker-train")

    os.kill(main, signal.SIGTERM)
    wait_until(lambda: client.job(job_id)["status"] == "queued")
    attempt = client.job(job_id)["attempt"]

    def started_again() -> bool:
        stack.check()
        return client.job(job_id)["status"] == "running"

    wait_until(started_again)
    assert attempt == 0
    assert client.job(job_id)["attempt"] == 1
    client.cancel(job_id)
    assert finish(client, job_id)["status"] == "cancelled"


def test_a_redis_that_hangs_is_503_within_two_seconds_and_recovery_needs_no_restart(
    stack: Stack, client: Client
) -> None:
    valkey, _ = pids_of(stack, "valkey")
    job_id = begin_long_job(client)

    os.kill(valkey, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        response = httpx.post(f"{stack.url}/v1/jobs", json=SHORT, timeout=10)
        taken = time.monotonic() - begun
    finally:
        os.kill(valkey, signal.SIGCONT)

    assert response.status_code == 503
    assert response.headers["Content-Type"] == "application/problem+json"
    assert taken < 2.0
    wait_until(client.ready)
    client.cancel(job_id)
    assert finish(client, job_id)["status"] == "cancelled"
    assert finish(client, client.submit(SHORT)["id"])["status"] == "succeeded"


@pytest.mark.whole
def test_jobs_and_models_outlive_the_service(folder: Path, short_leases: None) -> None:
    with open_stack(folder / "a") as first, Client(first.url) as client:
        done = finish(client, client.submit(SHORT)["id"])
        running = begin_long_job(client)
        waiting = client.submit(SHORT)["id"]

    with open_stack(folder / "a") as second, Client(second.url) as client:
        assert client.job(done["id"]) == done
        assert client.predict(done["model_id"], [[0] * 784])["model_id"] == done["model_id"]
        wait_until(lambda: client.job(running)["status"] == "running")
        client.cancel(running)
        assert finish(client, running)["status"] == "cancelled"
        assert finish(client, waiting)["status"] == "succeeded"


def test_a_folder_that_cannot_be_used_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with (
        pytest.raises(StackError, match=r"cannot use the folder .*choose another with --data"),
        open_stack(tmp_path / "file"),
    ):
        pass


def test_two_services_do_not_share_a_folder(stack: Stack, folder: Path) -> None:
    with pytest.raises(StackError, match="another neurond"), open_stack(folder):
        pass


@pytest.mark.whole
def test_no_process_outlives_the_service(folder: Path, short_leases: None) -> None:
    with open_stack(folder / "b") as stack:
        mains = [pids_of(stack, service.name) for service in stack.services]

    alive = [pid for main, children in mains for pid in (main, *children) if Path(f"/proc/{pid}").exists()]
    assert len(mains) == 7
    assert alive == []
