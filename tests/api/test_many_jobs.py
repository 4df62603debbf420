"""Many jobs at once, on a real server."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from redis import Redis

from tests.support.builders.requests import SPEC, SentWakeUps
from worker.settings import Settings
from worker.store import Store

CONFIG = {"dataset": "mnist", "name": None, "metadata": {}, "training": {"epochs": 1}}


@pytest.fixture
def settings() -> Settings:
    return Settings(max_queued_jobs=1_000_000)


@pytest.fixture
def store(server: Redis, settings: Settings) -> Store:
    return Store(server, settings)


def test_a_list_that_grows_while_it_is_read_gives_every_job_once(app: Flask, store: Store) -> None:
    made = [store.jobs.create(CONFIG, most_queued=1_000_000)[0].id for _ in range(2000)]
    enough = threading.Event()
    added = 0

    def add() -> None:
        nonlocal added
        while not enough.is_set():
            store.jobs.create(CONFIG, most_queued=1_000_000)
            added += 1

    adding = threading.Thread(target=add)
    adding.start()
    listed: list[str] = []
    after = ""
    with app.test_client() as client:
        while True:
            page = client.get(f"/v1/jobs?limit=100{after}").json
            listed += [job["id"] for job in page["data"]]
            if not page["has_more"]:
                break
            after = f"&after={listed[-1]}"
    enough.set()
    adding.join()

    assert added > 0
    assert len(set(listed)) == len(listed)
    assert listed[-2000:] == made[::-1]


def test_a_hundred_identical_submits_at_once_make_one_job(app: Flask, store: Store, queue: SentWakeUps) -> None:
    together = threading.Barrier(100)

    def submit(_: int) -> tuple[int, str]:
        with app.test_client() as client:
            together.wait()
            answer = client.post("/v1/jobs", json=SPEC, headers={"Idempotency-Key": "k"})
            return answer.status_code, answer.json["id"]

    with ThreadPoolExecutor(100) as pool:
        answers = set(pool.map(submit, range(100)))

    [(status, job_id)] = answers
    assert status == 202
    assert queue.work["training"] == 1
    assert [job.id for job in store.jobs.page(limit=100).data] == [job_id]
