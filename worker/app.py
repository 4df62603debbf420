"""The Celery app of the workers: `celery -A worker.app worker`. Settings are read here, once."""

from multiprocessing.sharedctypes import RawValue
from typing import Any

from celery.signals import setup_logging, worker_ready, worker_shutting_down

from worker import lifeline, logs
from worker.queue import Queue, make_celery
from worker.reaper import Reaper
from worker.settings import Settings
from worker.store import Store

settings = Settings.from_environment()
celery = make_celery(settings)
celery.conf.include = ["worker.tasks"]

shutting_down = RawValue("b", 0)
"""Shared with the child processes: 1 once this worker was told to end. A running job then goes back to the queue at
its next batch, and Celery's warm shutdown, which waits for the task in hand, is over at once."""

tail = logs.Tail()
"""The last log lines of the running job, shared with the child that writes them."""


@setup_logging.connect  # type: ignore[untyped-decorator]
def _log_to_stderr(**_: Any) -> None:
    logs.set_up(settings.log_level, tail)


@worker_ready.connect  # type: ignore[untyped-decorator]
def _start_reaper(sender: Any, **_: Any) -> None:
    """Begin to reap, and to watch over the one who started us, once the worker takes messages."""
    queues = [queue.name for queue in sender.task_consumer.queues]
    store = Store.open(settings)
    reaper = Reaper(store, Queue(celery), settings, queues=queues, name=sender.hostname)
    reaper.start()
    store.metrics.keep_flushing()
    lifeline.watch()
    worker_shutting_down.connect(lambda **_: reaper.stop(), weak=False)
    worker_shutting_down.connect(lambda **_: store.metrics.stop(), weak=False)


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _tell_children(**_: Any) -> None:
    shutting_down.value = 1
