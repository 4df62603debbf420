"""Whatever is killed or stopped: the job goes on within seconds, ends once, and with the same weights."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from api.local.stack import Stack
from neurond import Client
from tests.support.builders.faults import SPEC, finish, logged, weights
from tests.support.builders.jobs import LONG, SHORT
from tests.support.clock import wait_until
from tests.support.processes import LEASE_SECONDS, pids_of

pytestmark = pytest.mark.faults

GOES_ON_SECONDS = 10.0
"""The promise to people whose worker is killed."""


def begun(client: Client, spec: dict = SPEC, *, epochs: int = 2) -> str:
    job_id = client.submit(spec)["id"]
    wait_until(lambda: client.job(job_id)["progress"]["epoch"] > epochs)
    return job_id


def child_of(stack: Stack) -> int:
    found: list[int] = []
    wait_until(lambda: bool(found.extend(pids_of(stack, "worker-train")[1]) or found))
    return found[0]


def group_of(stack: Stack) -> list[int]:
    main, children = pids_of(stack, "worker-train")
    return [main, *children]


WHOM: dict[str, Callable[[Stack], list[int]]] = {
    "the child": lambda stack: [child_of(stack)],
    "the main process": lambda stack: [pids_of(stack, "worker-train")[0]],
    "both": group_of,
}


@pytest.mark.parametrize("whom", WHOM.values(), ids=WHOM)
def test_after_a_kill_the_training_goes_on_to_the_same_weights(
    stack: Stack, client: Client, undisturbed: str, whom: Callable[[Stack], list[int]]
) -> None:
    job_id = begun(client)
    before = client.job(job_id)["progress"]["epoch"]

    for pid in whom(stack):
        os.kill(pid, signal.SIGKILL)
    killed = time.monotonic()

    wait_until(lambda: client.job(job_id)["progress"]["epoch"] > before, seconds=GOES_ON_SECONDS)
    print(f"the training went on after {time.monotonic() - killed:.1f} s")
    job = finish(client, job_id)
    assert weights(client, job) == undisturbed
    epochs = [event["data"]["epoch"] for event in client.events(job_id) if event["event"] == "epoch"]
    assert epochs == list(range(1, 13))


def untimed(metrics: dict) -> dict:
    return {
        name: value for name, value in metrics.items() if name not in {"train_seconds", "samples_per_second", "seconds"}
    }


STOPPED: dict[str, tuple[Callable[[Stack], list[int]], signal.Signals]] = {
    "kill -9": (group_of, signal.SIGKILL),
    "SIGTERM": (WHOM["the main process"], signal.SIGTERM),
}


@pytest.mark.parametrize(("whom", "number"), STOPPED.values(), ids=STOPPED)
def test_a_job_that_goes_on_after_its_best_epoch_ends_with_all_of_its_metrics(
    stack: Stack, client: Client, whom: Callable[[Stack], list[int]], number: signal.Signals
) -> None:
    plan = {
        "epochs": 12,
        "batch_size": 64,
        "validation_split": 0.9,
        "early_stopping": {"patience": 11},
        "optimizer": {"name": "adam", "learning_rate": 0.02},
        "schedule": {"name": "constant"},
    }
    spec = {"dataset": "mnist", "seed": 3, "model": {"hidden_layers": [32]}, "training": plan}
    undisturbed = finish(client, client.submit(spec)["id"])

    job_id = begun(client, spec, epochs=undisturbed["metrics"]["best_epoch"] + 2)
    for pid in whom(stack):
        os.kill(pid, number)
    job = finish(client, job_id)

    assert [event["event"] for event in client.events(job_id)].count("running") == 2
    assert untimed(job["metrics"]) == untimed(undisturbed["metrics"])
    assert untimed(client.model(job["model_id"])["metrics"]) == untimed(job["metrics"])
    assert {"train_loss", "train_accuracy"} <= job["metrics"].keys()


def test_a_child_stopped_past_its_lease_writes_nothing_more_and_says_so(
    stack: Stack, client: Client, undisturbed: str, folder: Path
) -> None:
    job_id = begun(client)
    child = child_of(stack)

    os.kill(child, signal.SIGSTOP)
    try:
        wait_until(lambda: client.job(job_id)["status"] == "queued", seconds=LEASE_SECONDS + 5)
        stopped = client.job(job_id)
    finally:
        os.kill(child, signal.SIGCONT)
    job = finish(client, job_id)

    assert stopped["attempt"] == 1
    assert job["attempt"] == 2
    assert weights(client, job) == undisturbed
    refused = logged(folder, record_id=job_id, attempt=1, event="write refused")
    assert [line["token"] for line in refused] == [1]


def test_a_child_killed_three_times_fails_its_job_with_the_signal_and_the_next_job_runs(
    stack: Stack, client: Client
) -> None:
    job_id = client.submit(LONG)["id"]
    waiting = client.submit(SHORT)["id"]

    for attempt in (1, 2, 3):
        wait_until(
            lambda attempt=attempt: (
                (client.job(job_id)["attempt"], client.job(job_id)["status"]) == (attempt, "running")
            )
        )
        os.kill(child_of(stack), signal.SIGKILL)

    job = finish(client, job_id)
    assert job["status"] == "failed"
    assert job["error"]["code"] == "worker_lost"
    assert "killed by SIGKILL" in job["error"]["message"]
    assert "claimed" in job["error"]["log"][0]
    assert finish(client, waiting)["status"] == "succeeded"


def test_a_job_that_wants_too_much_memory_fails_with_the_reason_and_the_next_job_runs(
    stack: Stack, client: Client
) -> None:
    wide = {"dataset": "mnist", "model": {"hidden_layers": [8192] * 4}, "training": {"epochs": 1}}

    job = finish(client, client.submit(wide)["id"])

    assert job["status"] == "failed"
    assert job["error"]["code"] == "memory_limit"
    assert "NEUROND_MAX_JOB_MEMORY_BYTES" in job["error"]["message"]
    assert job["attempt"] == 1
    assert finish(client, client.submit(SHORT)["id"])["status"] == "succeeded"
