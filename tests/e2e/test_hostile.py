"""Hostile and huge files against the whole service: each is refused or fails with its reason, and nothing is harmed."""

import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from api.local.stack import Stack
from tests.support.clock import wait_until
from tests.support.hostile import HOSTILE, MOST_BYTES
from tests.support.processes import open_stack

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

MEGABYTE = 1 << 20
GOOD = b"size,kind\n" + b"1,a\n2,b\n" * 10


@pytest.fixture
def stack(
    folder: Path, short_leases: None, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stack]:
    if request.param:
        monkeypatch.setenv("NEUROND_MAX_UPLOAD_BYTES", str(request.param))
    with open_stack(folder) as stack:
        yield stack


@pytest.fixture
def http(stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.url, timeout=120) as client:
        yield client


def api_memory(stack: Stack) -> int:
    """Bytes that all processes of the API hold."""
    [service] = [service for service in stack.services if service.name == "api"]
    main = service.process.pid
    pids = [main, *map(int, Path(f"/proc/{main}/task/{main}/children").read_text().split())]
    status = "".join(Path(f"/proc/{pid}/status").read_text() for pid in pids)
    return sum(int(kilobytes) * 1024 for kilobytes in re.findall(r"VmRSS:\s+(\d+) kB", status))


def blobs(folder: Path) -> list[Path]:
    return [path for path in (folder / "blobs").rglob("*") if path.is_file()]


def outcome(http: httpx.Client, url: str) -> dict:
    wait_until(lambda: http.get(url).json()["status"] != "processing", 120)
    return http.get(url).json()


def send_half(url: str) -> None:
    """An upload whose connection is gone before it is whole."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        head = f"POST /v1/datasets HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: 50000000\r\n\r\n"
        connection.sendall(head.encode() + b"1,2\n" * 3_000_000)


def left_over(http: httpx.Client, folder: Path) -> set[str]:
    """The folders of blobs, without the files of data sets that are there."""
    known = {entry["id"] for entry in http.get("/v1/datasets", params={"limit": 100}).json()["data"]}
    return {path.parent.name for path in blobs(folder)} - known


@pytest.mark.parametrize("stack", [MOST_BYTES], indirect=True)
def test_a_folder_of_hostile_files_harms_nothing(stack: Stack, http: httpx.Client, folder: Path) -> None:
    assert outcome(http, http.post("/v1/datasets", content=GOOD).headers["Location"])["status"] == "ready"
    before = api_memory(stack)

    for hostile in HOSTILE:
        names = {"file": (f"../../{hostile.name}", hostile.make())}
        for sent in (http.post("/v1/datasets", content=names["file"][1]), http.post("/v1/datasets", files=names)):
            if sent.status_code == 413:
                assert "at most" in sent.json()["detail"]
                continue
            assert sent.status_code == 202, (hostile.name, sent.text)
            failed = outcome(http, sent.headers["Location"])
            assert failed["status"] == "failed", hostile.name
            assert re.search(hostile.reason, failed["error"]["message"]), (hostile.name, failed["error"])
            assert http.delete(sent.headers["Location"]).status_code == 204
    assert http.post("/v1/datasets", content=b"").status_code == 400
    send_half(stack.url)

    wait_until(lambda: left_over(http, folder) == {"datasets"})
    assert api_memory(stack) - before < 50 * MEGABYTE
    assert not list(folder.parent.glob("*.npz"))
    assert outcome(http, http.post("/v1/datasets", content=GOOD + b"3,a\n").headers["Location"])["status"] == "ready"


@pytest.mark.parametrize("stack", [None], indirect=True)
def test_an_upload_of_500_megabytes_leaves_the_apis_memory_flat(stack: Stack, http: httpx.Client, folder: Path) -> None:
    line = b",".join(b"%d.25" % number for number in range(100)) + b"\n"
    block = line * (MEGABYTE // len(line))
    assert outcome(http, http.post("/v1/datasets", content=GOOD).headers["Location"])["status"] == "ready"
    before, peak, over = api_memory(stack), 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not over.wait(0.05):
            peak = max(peak, api_memory(stack))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        sent = http.post("/v1/datasets", content=(block for _ in range(505)), params={"name": "large"})
    finally:
        over.set()
        watcher.join()

    assert sent.status_code == 202
    assert sent.json()["files"][0]["size_bytes"] >= 500_000_000
    assert http.get("/healthz").status_code == 200
    print(f"API memory: {before / MEGABYTE:.0f} MB before, {peak / MEGABYTE:.0f} MB at most")
    assert peak - before < 64 * MEGABYTE
    assert http.delete(sent.headers["Location"]).status_code == 204
    wait_until(lambda: left_over(http, folder) == {"datasets"})
