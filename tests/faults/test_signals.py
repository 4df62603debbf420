"""A worker that is told to end again and again, while it is about to, ends in order."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from redis import Redis

from api.local.commands import worker_command
from tests.support.clock import wait_until
from worker.settings import Settings
from worker.store import Store
from worker.store.connection import connect
from worker.work.kind import TRAINING

pytestmark = pytest.mark.faults

ROUNDS = 5
SIGNALS = 50


def test_many_signals_at_once_end_a_worker_in_order(redis_url: str, server: Redis, tmp_path: Path) -> None:
    """Each may come in the midst of the last one's handler, which must hold nothing that it waits for itself."""
    settings = Settings(redis_url=redis_url, blob_url=f"file://{tmp_path / 'blobs'}")
    environment = os.environ | {"NEUROND_REDIS_URL": redis_url, "NEUROND_BLOB_URL": settings.blob_url}
    store = Store(connect(redis_url), settings)
    for _ in range(ROUNDS):
        with (
            (tmp_path / "log").open("a") as log,
            subprocess.Popen(
                worker_command(TRAINING, settings, "worker"), env=environment, stdout=log, stderr=log
            ) as worker,
        ):
            try:
                wait_until(lambda: bool(store.workers.names(TRAINING)))
                for _ in range(SIGNALS):
                    worker.send_signal(signal.SIGTERM)
                    time.sleep(0.0005)
                worker.wait(10)
            finally:
                worker.kill()
        assert worker.returncode == 0
        assert store.workers.names(TRAINING) == []
    store.redis.close()
