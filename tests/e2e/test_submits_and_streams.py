"""Submits and event streams over real connections to the whole service."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import orjson

from api.client import Client
from api.stack import Stack

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
