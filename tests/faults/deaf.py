"""The worker's app, but for this: while the file NEUROND_TEST_DEAF names is there, a worker that starts goes deaf."""

import os
from pathlib import Path
from typing import Any

from celery.signals import worker_ready

from worker.runtime.celery_app import celery

__all__ = ["celery"]


@worker_ready.connect
def _go_deaf(sender: Any, **_: Any) -> None:
    cause = Path(os.environ["NEUROND_TEST_DEAF"])
    if cause.exists():
        cause.unlink()
        sender.task_consumer.cancel()
