"""A prediction that hangs in code that never comes back: its process is ended, the next predictions are answered."""

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from redis import Redis

import nn
from api.local.commands import worker_command
from api.prediction_client import PredictionClient
from tests.support.clock import wait_until
from worker.messaging.queue import Queue, make_celery
from worker.settings import Settings
from worker.store import Store, keys
from worker.store.blobs import model_path
from worker.store.connection import connect
from worker.store.prediction_queue import Reply, Request
from worker.store.records import new_id
from worker.work.kind import PREDICTION

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

SECONDS = 6.0


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    return Settings(redis_url=redis_url, blob_url=f"file://{tmp_path / 'blobs'}", predict_timeout_seconds=SECONDS)


@pytest.fixture
def store(settings: Settings, server: Redis) -> Iterator[Store]:
    store = Store(connect(settings.redis_url), settings)
    model = nn.Model.build(((3,), "classification", ("a", "b")), hidden_layers=[4], rng=np.random.default_rng(1))
    store.blobs.put(model_path("model_1"), nn.formats.save(model))
    store.redis.hset(keys.model("model_1"), mapping={"id": "model_1"})
    yield store
    store.redis.close()


@pytest.fixture
def worker(settings: Settings, store: Store, tmp_path: Path) -> Iterator[Path]:
    """A prediction worker that hangs over a body that says so; gives its log."""
    command = [
        "tests.support.stuck:celery" if part == "worker.runtime.celery_app:celery" else part
        for part in worker_command(PREDICTION, settings, "worker")
    ]
    environment = os.environ | {
        "NEUROND_REDIS_URL": settings.redis_url,
        "NEUROND_BLOB_URL": settings.blob_url,
        "NEUROND_PREDICT_TIMEOUT_SECONDS": str(SECONDS),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    with (tmp_path / "log").open("w") as log, subprocess.Popen(command, env=environment, stderr=log) as process:
        try:
            wait_until(lambda: bool(store.workers.names(PREDICTION)), seconds=60)
            yield tmp_path / "log"
        finally:
            process.terminate()
            process.wait(30)


def test_a_prediction_that_hangs_is_ended_and_the_next_ones_are_answered(
    store: Store, settings: Settings, worker: Path
) -> None:
    client = PredictionClient(store, Queue(make_celery(settings)), settings)
    client.start()

    def ask(form: str, seconds: float = 60.0) -> Reply | None:
        body = json.dumps({"inputs": [[1, 2, 3]]}).encode()
        return client.ask("model_1", Request(new_id("pred"), client.process, form, "", {}, body), seconds=seconds)

    first = ask("json")
    hung: list[Reply | None] = []
    asking = threading.Thread(target=lambda: hung.append(ask("hang", SECONDS)))
    asking.start()
    began = time.monotonic()
    wait_until(lambda: not store.workers.names(PREDICTION), seconds=30)  # as `/readyz` sees it
    asking.join()
    after = ask("json")
    waited = time.monotonic() - began
    wait_until(lambda: bool(store.workers.names(PREDICTION)), seconds=30)
    client.stop()

    assert first is not None
    assert first.kind == "prediction"
    assert hung == [None]
    assert after is not None
    assert after.kind == "prediction"
    assert waited < 60
    assert "a prediction takes too long: ending its process" in worker.read_text()
