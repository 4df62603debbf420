"""A worker that is killed while it reads an upload: another try, and after the last one the reason."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.local.stack import Stack
from benchmarks.faults.service import children
from tests.support.clock import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

LARGE = b",".join(b"%d.25" % number for number in range(50)) + b"\n"


@pytest.fixture
def http(stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.url, timeout=60) as client:
        yield client


def readers(stack: Stack) -> dict[int, int]:
    """The processes of this service that read a file, and the worker's child behind each."""
    [worker] = [service.process.pid for service in stack.services if service.name == "worker-files"]
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
