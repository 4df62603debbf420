"""Predictions under load: too much of it, kills in the middle of it, training beside it, and a lot of it."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from redis import Redis

import nn
from api.local import embedded
from api.local.stack import Stack
from neurond import Client
from tests.support.clock import wait_until
from tests.support.processes import pids_of

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

MNIST = nn.datasets.load("mnist")
ROWS = MNIST.x_test[:20].tolist()

Result = tuple[float, int, bool]


@pytest.fixture(scope="module")
def plan(stack: Stack) -> dict[str, Any]:
    """Whom to ask about what, and what is right."""
    with Client(stack.url) as client:
        spec = {"dataset": "mnist", "seed": 1, "training": {"epochs": 1}}
        *_, job = client.follow(httpx.post(f"{stack.url}/v1/jobs", json=spec).json()["id"])
    path = f"/v1/models/{job['model_id']}/predictions"
    expected = httpx.post(stack.url + path, json={"inputs": ROWS}).json()["predictions"]
    host = urlsplit(stack.url)
    return {"host": host.hostname, "port": host.port, "path": path, "rows": ROWS, "expected": expected}


@pytest.fixture
def load(plan: dict[str, Any], tmp_path: Path):
    """Begins a load; its results are there at its end."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(**how: Any) -> subprocess.Popen[bytes]:
        file = tmp_path / f"plan-{len(running)}.json"
        file.write_text(json.dumps(plan | how))
        process = subprocess.Popen([sys.executable, "-m", "tests.support.load", file], stdout=subprocess.PIPE)
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


def results(process: subprocess.Popen[bytes]) -> list[Result]:
    said, _ = process.communicate(timeout=250)
    return [tuple(result) for result in json.loads(said)]


def answers(stack: Stack, plan: dict[str, Any]) -> bool:
    """Whether the model answers now."""
    return httpx.post(stack.url + plan["path"], json={"inputs": ROWS[:1]}, timeout=40).status_code == 200


def test_more_than_may_wait_are_refused_and_the_rest_answered_and_then_it_recovers(stack: Stack, plan, load) -> None:
    """How long they wait is measured in `python -m benchmarks inference`."""
    heavy = results(load(connections=1000, seconds=5))
    wait_until(lambda: answers(stack, plan))
    after = results(load(connections=4, seconds=60, limit=500))

    statuses = Counter(status for _, status, _ in heavy)
    print(f"\n{len(heavy)} requests: {dict(statuses)}, longest {max(heavy)[0]:.2f} s")
    assert set(statuses) == {200, 503}
    assert all(right for *_, right in heavy)
    assert [result for result in after if result[1:] != (200, True)] == []


def test_ten_kills_of_the_prediction_worker_lose_no_answer(stack: Stack, plan, load, tmp_path: Path) -> None:
    over = tmp_path / "over"
    process = load(connections=32, seconds=250, over=str(over))
    pause = threading.Event()
    draw = random.Random(7)
    [service] = [service for service in stack.services if service.name == "worker-predict"]

    for number in range(10):
        wait_until(lambda: answers(stack, plan))
        pause.wait(1.0 + draw.random())
        wait_until(lambda: service.process is not None)
        main, children = pids_of(stack, "worker-predict")
        for pid in [main] if number % 3 == 0 else children:
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: answers(stack, plan))
    pause.wait(1.0)
    over.touch()
    found = results(process)

    statuses = Counter(status for _, status, _ in found)
    print(f"\n{len(found)} requests over ten kills: {dict(statuses)}, longest {max(found)[0]:.2f} s")
    assert all(right for *_, right in found)
    assert set(statuses) <= {200, 503}
    assert statuses[503] <= 0.01 * len(found)


def test_predictions_and_a_training_job_go_on_beside_each_other(load, client: Client) -> None:
    """How much one slows the other is measured in `python -m benchmarks inference`."""
    job = client.submit({"dataset": "mnist", "training": {"epochs": 10_000}})

    def epoch() -> int:
        return client.job(job["id"])["progress"]["epoch"]

    try:
        wait_until(lambda: epoch() >= 1, seconds=60)
        found = results(load(connections=8, seconds=5))
        then = epoch()
        wait_until(lambda: epoch() > then)
        status = client.job(job["id"])["status"]
    finally:
        client.cancel(job["id"])

    assert status == "running"
    assert {result[1:] for result in found} == {(200, True)}


def test_a_hundred_thousand_requests_leave_nothing_behind(stack: Stack, load, folder: Path) -> None:
    urls = [embedded.socket_url(folder, name) for name in (embedded.RECORDS, embedded.EXCHANGE)]

    def measure() -> dict[str, int]:
        counts: dict[str, int] = {}
        for url, name in zip(urls, ("records", "exchange"), strict=True):
            with Redis.from_url(url) as redis:
                counts[f"{name} keys"] = redis.dbsize()
                counts[f"{name} connections"] = redis.info("clients")["connected_clients"]
        for service in ("api", "worker-predict"):
            main, children = pids_of(stack, service)
            counts[f"{service} kB"] = sum(resident(pid) for pid in (main, *children))
        return counts

    results(load(connections=32, seconds=60, limit=10_000))
    before = measure()
    found = results(load(connections=32, seconds=240, limit=100_000))
    after = measure()

    print(f"\n{len(found)} requests: {before} → {after}")
    assert {result[1:] for result in found} == {(200, True)}
    for name, value in after.items():
        room = 1.15 * before[name] + 8_000 if name.endswith("kB") else before[name] + 8
        assert value <= room, f"{name}: {before[name]} → {value}"


def resident(pid: int) -> int:
    """Memory that a process has to itself, in kB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("RssAnon:")[2].split()[0])
