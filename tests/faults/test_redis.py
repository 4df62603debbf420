"""Redis goes away, or is full: the service says so, and then goes on by itself."""

import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from benchmarks.faults.checks import listed
from benchmarks.faults.service import Service, free_port
from tests.support.clock import wait_until

pytestmark = pytest.mark.faults

AWAY_SECONDS = float(os.environ.get("NEUROND_TEST_AWAY_SECONDS", "8"))
"""How long Redis is away: as long as no connection, lease or back-off could outlast it; 60 for the last doubt."""

MEMORY_BYTES = 20_000_000
RETENTION_SECONDS = 20
JOB = {"dataset": "mnist", "model": {"hidden_layers": [8]}, "training": {"epochs": 12}}


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="nd-") as name:
        (Path(name) / "data").mkdir()
        yield Path(name) / "data"


def service_over(folder: Path, **environment: object) -> Service:
    given = {f"NEUROND_{name.upper()}": str(value) for name, value in environment.items()}
    service = Service(folder, free_port(), train_workers=1, environment=given)
    service.start()
    return service


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL], ids=["hangs", "dies"])
@pytest.mark.timeout(300)
def test_without_redis_the_service_says_so_and_then_everything_resumes(folder: Path, number: signal.Signals) -> None:
    service = service_over(folder)
    try:
        ids = [httpx.post(f"{service.url}/v1/jobs", json=JOB, timeout=10).json()["id"] for _ in range(3)]
        begun = threading.Event()
        over = threading.Event()
        healthz: list[int | None] = []
        readyz: list[int | None] = []

        def keep_away() -> None:
            """Whoever starts the server again finds it gone again, until the time is over."""
            while not over.wait(0.02):
                for pid in service.servers():
                    os.kill(pid, number)
                begun.set()

        thief = threading.Thread(target=keep_away)
        thief.start()
        begun.wait(10)
        pause = threading.Event()
        for _ in range(int(AWAY_SECONDS)):
            pause.wait(1.0)
            healthz.append(service.status("/healthz"))
            readyz.append(service.status("/readyz"))
        over.set()
        thief.join()
        for pid in service.servers():
            os.kill(pid, signal.SIGCONT)

        assert service.wait_until_ready(60)
        wait_until(lambda: all(job["status"] == "succeeded" for job in listed(service, "/v1/jobs")), seconds=90)
        assert {job["id"] for job in listed(service, "/v1/jobs")} == set(ids)
        assert set(healthz) == {200}
        assert set(readyz) == {503}
    finally:
        service.stop()


@pytest.mark.timeout(300)
def test_a_flood_meets_503_before_redis_is_full_and_nothing_of_it_is_half_written(folder: Path) -> None:
    service = service_over(
        folder, embedded_memory_bytes=MEMORY_BYTES, max_queued_jobs=1_000_000, job_retention_seconds=RETENTION_SECONDS
    )
    body = JOB | {"metadata": {str(number): "x" * 512 for number in range(16)}}
    refused: list[httpx.Response] = []
    accepted: list[str] = []

    def flood(client: httpx.Client) -> None:
        while len(refused) < 50:
            response = client.post("/v1/jobs", json=body)
            (accepted.append(response.json()["id"]) if response.status_code == 202 else refused.append(response))

    try:
        with httpx.Client(base_url=service.url, timeout=30) as client:
            with ThreadPoolExecutor(8) as threads:
                for flooding in [threads.submit(flood, client) for _ in range(8)]:
                    flooding.result()
            full = service.redis.info("memory")
            waiting = {job["id"] for job in listed(service, "/v1/jobs") if job["status"] in {"queued", "running"}}
            cancelled = [client.post(f"/v1/jobs/{job_id}/cancel").json()["status"] for job_id in waiting]

            assert {response.status_code for response in refused} == {503}
            assert all(int(response.headers["Retry-After"]) > 0 for response in refused)
            assert full["used_memory"] < MEMORY_BYTES
            assert len(accepted) > 200
            assert waiting <= set(accepted)
            assert set(cancelled) <= {"cancelled", "running", "succeeded"}
            wait_until(lambda: client.post("/v1/jobs", json=JOB).status_code == 202, seconds=60)
            wait_until(lambda: any(job["status"] == "succeeded" for job in listed(service, "/v1/jobs")), seconds=60)
    finally:
        service.stop()
