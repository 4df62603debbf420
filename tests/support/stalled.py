"""The worker's app, but for this: while the file NEUROND_TEST_STALLED names is there, a worker that starts stalls."""

import os
from pathlib import Path
from typing import Any

from celery.signals import worker_ready

from worker.runtime.celery_app import celery

__all__ = ["celery"]


@worker_ready.connect
def _stall(sender: Any, **_: Any) -> None:
    cause = Path(os.environ["NEUROND_TEST_STALLED"])
    if cause.exists():
        cause.unlink()
        sender.task_consumer.cancel()
