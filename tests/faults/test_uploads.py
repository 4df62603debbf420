"""A worker that is killed while it reads a file: another try, and after the last one the reason."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

import nn
from api.local import embedded
from api.local.stack import Stack
from benchmarks.faults.service import children
from tests.support.builders.model_files import network
from tests.support.clock import wait_until
from worker.messaging.queue import Queue, make_celery
from worker.settings import Settings
from worker.work.kind import FILES

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

LARGE = b",".join(b"%d.25" % number for number in range(50)) + b"\n"


@pytest.fixture
def http(stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.url, timeout=60) as client:
        yield client


def readers(stack: Stack, name: str = "worker-files") -> dict[int, int]:
    """The processes of this service that read a file, and the worker's child behind each."""
    [worker] = [service.process.pid for service in stack.services if service.name == name]
    return {reader: child for child in children(worker) for reader in children(child)}


def test_an_upload_whose_worker_is_killed_is_read_again_and_at_last_fails(
    stack: Stack, http: httpx.Client, folder: Path
) -> None:
    sent = http.post("/v1/datasets", content=LARGE * 400_000)
    url = sent.headers["Location"]

    for _ in range(3):
        wait_until(lambda: bool(readers(stack)), 120)
        [(reader, child)] = readers(stack).items()
        os.kill(child, signal.SIGKILL)
        wait_until(lambda gone=reader: gone not in readers(stack), 20)

    wait_until(lambda: http.get(url).json()["status"] == "failed", 60)
    error = http.get(url).json()["error"]
    assert error["code"] == "worker_lost"
    assert "SIGKILL" in error["message"] or "lost" in error["message"]
    good = http.post("/v1/datasets", content=b"a,b\n" + b"1,x\n2,y\n" * 10).headers["Location"]
    wait_until(lambda: http.get(good).json()["status"] == "ready", 60)
    assert http.delete(url).status_code == 204
    assert not (folder / "blobs" / "uploads" / url.rpartition("/")[2]).exists()


def test_an_import_whose_worker_is_killed_is_done_by_the_next(stack: Stack, http: httpx.Client, folder: Path) -> None:
    before = set((folder / "blobs" / "models").glob("*"))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(http.post, "/v1/models", content=nn.formats.save(network()))
        wait_until(lambda: bool(readers(stack, "worker-models")), 20)
        [child] = readers(stack, "worker-models").values()
        os.kill(child, signal.SIGKILL)
        response = waiting.result()

    assert response.status_code == 201, response.text
    made = set((folder / "blobs" / "models").glob("*")) - before
    assert [path.stem for path in made] == [response.json()["id"]]
    assert http.get(response.headers["Location"]).status_code == 200


def test_a_message_of_an_earlier_version_for_a_model_does_no_harm(http: httpx.Client, folder: Path) -> None:
    """Whoever sent it waits in vain, and is told so; a worker of this version takes it for a wake-up."""
    celery = make_celery(Settings(redis_url=embedded.socket_url(folder)))
    celery.send_task("worker.tasks.errand", args=["errand_1"], queue=FILES, ignore_result=True)

    wait_until(lambda: Queue(celery).waiting(FILES) == 0)
    good = http.post("/v1/datasets", content=b"a,b\n" + b"1,x\n2,y\n" * 10).headers["Location"]

    wait_until(lambda: http.get(good).json()["status"] == "ready", 60)
    assert "unregistered" not in (folder / "logs" / "worker-files.log").read_text("utf-8")


def test_nobody_who_waits_for_a_model_waits_behind_an_upload(stack: Stack, http: httpx.Client) -> None:
    upload = http.post("/v1/datasets", content=LARGE * 400_000).headers["Location"]
    wait_until(lambda: bool(readers(stack)), 120)

    model = http.post("/v1/models", content=nn.formats.save(network()))
    exported = http.get(f"{model.headers['Location']}/export?format=npz")

    assert (model.status_code, exported.status_code) == (201, 200)
    assert http.get(upload).json()["status"] == "processing"
