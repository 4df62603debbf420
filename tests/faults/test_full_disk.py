"""A disk that is really full: what is too much is refused, nothing that was accepted is lost, room is made again."""

import io
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from api.local.stack import Stack
from tests.e2e.conftest import short_leases
from tests.support.clock import wait_until
from tests.support.processes import open_stack

__all__ = ["short_leases"]

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

SIZE = "64m"
ROWS = 8_000
WIDTH = 100


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data folder that is a small disk."""
    with tempfile.TemporaryDirectory(prefix="neurond-") as name:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", name], capture_output=True)
        if mounted.returncode:
            pytest.skip(f"no disk can be mounted here: {mounted.stderr.decode().strip()}")
        yield Path(name)
        subprocess.run(["umount", "--lazy", name], check=True)


@pytest.fixture
def http(folder: Path, short_leases: None) -> Iterator[httpx.Client]:
    with open_stack(folder) as stack, httpx.Client(base_url=stack.url, timeout=60) as client:
        assert isinstance(stack, Stack)
        yield client


def array(seed: int) -> bytes:
    """A data set of 3.2 MB, as a file and as arrays."""
    x = np.random.default_rng(seed).random((ROWS, WIDTH), np.float32)
    file = io.BytesIO()
    np.savez(file, x=x, y=np.arange(ROWS) % 2)
    return file.getvalue()


def state(http: httpx.Client, url: str) -> str:
    return str(http.get(url).json()["status"])


def test_a_full_disk_refuses_and_loses_nothing(http: httpx.Client, folder: Path) -> None:
    first = http.post("/v1/datasets", content=array(0)).headers["Location"]
    wait_until(lambda: state(http, first) == "ready", 120)
    plan = {"dataset": first.rpartition("/")[2], "training": {"epochs": 1, "batch_size": 1024}}
    job = http.post("/v1/jobs", json=plan).headers["Location"]
    wait_until(lambda: state(http, job) == "succeeded", 120)
    rows = f"/v1/models/{http.get(job).json()['model_id']}/predictions"

    accepted = [http.post("/v1/datasets", content=array(1)).headers["Location"]]
    wait_until(lambda: state(http, accepted[0]) == "ready", 120)  # of the others, how many are depends on who is faster
    for seed in range(2, 60):
        response = http.post("/v1/datasets", content=array(seed))
        if response.status_code != 202:
            break
        accepted.append(response.headers["Location"])

    assert (response.status_code, response.json()["title"]) == (503, "Service unavailable")
    assert response.headers["Retry-After"] == "5"
    wait_until(lambda: all(state(http, url) != "processing" for url in accepted), 120)
    kept = {path.name for path in (folder / "blobs" / "uploads").iterdir()}
    assert kept == {url.rpartition("/")[2] for url in [first, *accepted]}
    answers = {url: http.get(url) for url in accepted}
    assert {answer.status_code for answer in answers.values()} == {200}, [answer.text for answer in answers.values()]
    ended = {url: answer.json() for url, answer in answers.items()}
    assert {data["error"]["code"] for data in ended.values() if data["error"]} <= {"storage_failed"}
    assert ended[accepted[0]]["status"] == "ready"

    (folder / "filler").write_bytes(b"x" * max(0, free(folder) - 700_000))
    for refused in (
        http.post("/v1/datasets", content=b"a,b\n" + b"1,x\n2,y\n" * 9),
        http.post("/v1/jobs", json=plan),
        http.post(rows, json={"inputs": [[0.5] * WIDTH]}, headers={"Prefer": "respond-async"}),
    ):
        assert refused.status_code == 503, refused.text
        assert "nearly full" in refused.json()["detail"]
    assert http.post(rows, json={"inputs": [[0.5] * WIDTH]}).status_code == 200
    assert http.get(f"{first}/samples").status_code == 200
    assert http.get("/readyz").status_code == 200

    (folder / "filler").unlink()
    read = [url for url, data in ended.items() if data["status"] == "ready"]
    failed = [url for url, data in ended.items() if data["status"] == "failed"]
    for url in read:
        assert http.delete(url).status_code == 204
    wait_until(lambda: http.post("/v1/jobs", json=plan).status_code == 202, 10)
    for url in failed:
        again = http.post("/v1/datasets", json={"from": url.rpartition("/")[2]}).headers["Location"]
        wait_until(lambda url=again: state(http, url) != "processing", 60)
        assert http.get(again).json()["error"] is None
        assert [http.delete(made).status_code for made in (again, url)] == [204, 204]


def free(folder: Path) -> int:
    """Bytes that are free on its disk."""
    return shutil.disk_usage(folder).free
