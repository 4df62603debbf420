"""A message is a wake-up and nothing else: doubled, redelivered or forged, it makes no second run and no code runs."""

import base64
import json
import os
import pickle
from pathlib import Path

import pytest
from redis import Redis

from api.local import embedded
from neurond import Client
from tests.support.builders.faults import SPEC, finish, weights
from tests.support.builders.jobs import LONG, SHORT
from tests.support.clock import wait_until
from worker.messaging.broker import KEY_PREFIX
from worker.messaging.queue import Queue, make_celery
from worker.settings import Settings
from worker.work.kind import TRAINING

pytestmark = pytest.mark.faults


@pytest.fixture
def redis(folder: Path) -> Redis:
    return Redis.from_url(embedded.socket_url(folder))


def test_a_job_whose_message_comes_many_times_is_run_once(client: Client, folder: Path, undisturbed: str) -> None:
    queue = Queue(make_celery(Settings(redis_url=embedded.socket_url(folder))))
    job_id = client.submit(SPEC)["id"]
    for _ in range(20):
        queue.send_work(TRAINING)

    job = finish(client, job_id)

    assert weights(client, job) == undisturbed
    assert [event["event"] for event in client.events(job_id)].count("running") == 1
    wait_until(lambda: queue.waiting(TRAINING) == 0)
    assert client.job(job_id)["attempt"] == 1


def test_dropped_connections_in_mid_training_start_no_second_run(
    client: Client, redis: Redis, undisturbed: str
) -> None:
    job_id = client.submit(SPEC)["id"]
    for epoch in (2, 4, 6):
        wait_until(lambda epoch=epoch: client.job(job_id)["progress"]["epoch"] > epoch)
        redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    job = finish(client, job_id)

    assert weights(client, job) == undisturbed
    assert [event["event"] for event in client.events(job_id)].count("running") == job["attempt"] == 1


def test_with_the_brokers_list_deleted_jobs_begin_in_the_order_of_their_coming(client: Client, redis: Redis) -> None:
    running = client.submit(LONG)["id"]
    wait_until(lambda: client.job(running)["status"] == "running")
    made = [client.submit(SHORT)["id"] for _ in range(8)]

    assert redis.delete(KEY_PREFIX + TRAINING) == 1
    client.cancel(running)

    jobs = [finish(client, job_id) for job_id in made]
    assert [job["status"] for job in jobs] == ["succeeded"] * 8
    begun = [job["started_at"] for job in jobs]
    assert begun == sorted(begun)


def test_a_message_of_version_0_1_0_names_a_job_and_wakes_for_what_waits_longest(
    client: Client, redis: Redis, folder: Path
) -> None:
    running = client.submit(LONG)["id"]
    wait_until(lambda: client.job(running)["status"] == "running")
    made = [client.submit(SHORT)["id"] for _ in range(3)]
    redis.delete(KEY_PREFIX + TRAINING)
    celery = make_celery(Settings(redis_url=embedded.socket_url(folder)))
    for job_id in reversed(made):
        celery.send_task("worker.tasks.train", args=[job_id], queue=TRAINING, ignore_result=True)

    client.cancel(running)

    begun = [finish(client, job_id)["started_at"] for job_id in made]
    assert begun == sorted(begun)


class Evil:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.mark),)


def test_a_pickled_message_is_thrown_away_and_runs_nothing(client: Client, redis: Redis, tmp_path: Path) -> None:
    mark = tmp_path / "pwned"
    body = base64.b64encode(pickle.dumps(([Evil(mark)], {}, {}))).decode()
    message = {
        "body": body,
        "content-encoding": "binary",
        "content-type": "application/x-python-serialize",
        "headers": {"task": "worker.tasks.train", "id": "1", "lang": "py", "argsrepr": "", "kwargsrepr": ""},
        "properties": {
            "delivery_info": {"exchange": "", "routing_key": TRAINING},
            "delivery_tag": "1",
            "body_encoding": "base64",
        },
    }

    redis.lpush(KEY_PREFIX + TRAINING, json.dumps(message))

    assert finish(client, client.submit(SHORT)["id"])["status"] == "succeeded"
    assert not mark.exists()
    wait_until(lambda: redis.llen(KEY_PREFIX + TRAINING) == 0)
