"""Submits and event streams over real connections to the whole service."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import orjson
import pytest

from api.local.stack import Stack
from neurond import Client

SHORT = {"dataset": "mnist", "seed": 1, "model": {"hidden_layers": [16]}, "training": {"epochs": 12}}


def test_a_hundred_identical_submits_at_once_make_one_job(stack: Stack, client: Client) -> None:
    together = threading.Barrier(100)

    def submit(_: int) -> tuple[int, str]:
        together.wait()
        answer = http.post("/v1/jobs", json=SHORT, headers={"Idempotency-Key": "one"})
        return answer.status_code, answer.json()["id"]

    with (
        httpx.Client(base_url=stack.url, timeout=60, limits=httpx.Limits(max_connections=100)) as http,
        ThreadPoolExecutor(100) as pool,
    ):
        [(status, job_id)] = set(pool.map(submit, range(100)))

    assert status == 202
    assert [job.id for job in client.jobs()].count(job_id) == 1
    assert client.job(job_id).wait(timeout=60).attempt == 1


def test_a_stream_that_its_client_cuts_five_times_tells_every_event_once(stack: Stack, client: Client) -> None:
    job = client.submit(SHORT | {"name": "followed"})
    told: list[dict] = []
    ends = []

    for _ in range(6):
        cut = len(ends) < 5
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": told[-1]["id"]} if told else {})
        with httpx.stream("GET", f"{stack.url}/v1/jobs/{job.id}/events", headers=headers, timeout=60) as stream:
            got = 0
            for line in stream.iter_lines():
                if line == "event: done":
                    ends.append("done")
                    break
                if line.startswith('data: {"id"'):
                    told.append(orjson.loads(line.removeprefix("data: ")))
                    got += 1
                    if cut and got == 2:
                        ends.append("cut")
                        break

    kept = client.events(job.id)
    assert ends == ["cut"] * 5 + ["done"]
    assert [event["id"] for event in told] == [event.id for event in kept]
    assert [event["data"]["epoch"] for event in told if event["event"] == "epoch"] == list(range(1, 13))
    assert [event.id for event in job.events()] == [event.id for event in kept]


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (f"GET /v1/jobs?name={'x' * 9000} HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        ("GET /v1/jobs HTTP/1.1\r\nHost: localhost\r\nBad Name: x\r\n\r\n", 400),
        (f"GET /v1/jobs HTTP/1.1\r\nHost: localhost\r\nX: {'x' * 9000}\r\n\r\n", 431),
    ],
)
def test_a_request_that_cannot_even_be_read_is_a_problem_too(stack: Stack, request_head: str, status: int) -> None:
    address = urlsplit(stack.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(request_head.encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"Content-Type: application/problem+json" in head
    assert orjson.loads(body)["status"] == status
