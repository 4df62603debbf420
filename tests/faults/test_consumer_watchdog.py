"""A worker that is alive but takes nothing is seen, and starts itself anew, under the same process ID."""

import os
import subprocess
from pathlib import Path

import pytest
from redis import Redis

from api.local.commands import worker_command
from tests.support.clock import wait_until
from worker.jobspec import JobSpec
from worker.messaging.queue import Queue, make_celery
from worker.settings import Settings
from worker.store import Store
from worker.store.connection import connect
from worker.work.kind import TRAINING

pytestmark = pytest.mark.faults


def test_a_stalled_worker_is_seen_and_starts_itself_anew(redis_url: str, server: Redis, tmp_path: Path) -> None:
    cause = tmp_path / "stalled"
    cause.touch()
    settings = Settings(redis_url=redis_url, blob_url=f"file://{tmp_path / 'blobs'}")
    store = Store(connect(redis_url), settings)
    command = [
        "tests.support.stalled:celery" if part == "worker.runtime.celery_app:celery" else part
        for part in worker_command(TRAINING, settings, "worker")
    ]
    environment = os.environ | {
        "NEUROND_REDIS_URL": redis_url,
        "NEUROND_BLOB_URL": settings.blob_url,
        "NEUROND_TEST_STALLED": str(cause),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    spec = JobSpec.model_validate({"dataset": "mnist", "training": {"epochs": 1}}).model_dump(mode="json")
    with (tmp_path / "log").open("w") as log, subprocess.Popen(command, env=environment, stderr=log) as worker:
        try:
            wait_until(lambda: bool(store.workers.names(TRAINING)))
            job, _ = store.jobs.create(spec, most_queued=9)
            Queue(make_celery(settings)).send_work(TRAINING)

            wait_until(lambda: not store.workers.names(TRAINING), seconds=30)
            alive = worker.poll() is None
            untouched = store.jobs.get(job.id).status

            wait_until(lambda: store.jobs.get(job.id).status == "succeeded", seconds=60)
            assert alive
            assert untouched == "queued"
            assert worker.poll() is None
            assert "stalled" in (tmp_path / "log").read_text()
        finally:
            worker.terminate()
            worker.wait(20)
    store.redis.close()
