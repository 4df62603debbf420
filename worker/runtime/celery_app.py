"""The Celery app of the workers: `celery -A worker.runtime.celery_app worker`. Settings are read here, once."""

import secrets
from multiprocessing.sharedctypes import RawValue
from typing import Any

import billiard
from celery.signals import (
    setup_logging,
    task_failure,
    task_received,
    worker_init,
    worker_process_init,
    worker_process_shutdown,
    worker_ready,
    worker_shutdown,
    worker_shutting_down,
)
from celery.worker import state

from worker.messaging.queue import Queue, make_celery
from worker.observability import logs, tracing
from worker.runtime import parent_death
from worker.runtime.consumer_watchdog import ConsumerWatchdog, check_window, restart_this_process
from worker.runtime.crash_recovery import CrashRecovery
from worker.runtime.pass_watchdog import Passes, Watchdog
from worker.runtime.reaper import Reaper
from worker.runtime.takeover import Takeover
from worker.settings import Settings
from worker.store import Store
from worker.store.workers import name_of

settings = Settings.from_environment()
celery = make_celery(settings)
celery.conf.include = ["worker.tasks"]

shutting_down = RawValue("b", 0)
"""Shared with the child processes: 1 once this worker was told to end. A running job then goes back to the queue at
its next batch, and Celery's warm shutdown, which waits for the task in hand, is over at once."""

passes = Passes()
"""The prediction pass that the child has in hand, for the watchdog."""

tail = logs.Tail()
"""What the child runs, and the last log lines about it, shared with the child that writes them."""


NONCE = secrets.token_hex(4)
"""Of this start, of the main process and its children: another worker of the same name and host has another."""

takeovers: list[Takeover] = []
"""From the worker that was here before this one, once it is looked for."""

begun: list[tuple[Reaper, Store]] = []
"""The reaper of this process, once it works. The signals of an end are connected when this module is read, before a
handler of SIGTERM is there: connecting takes the lock that the handler takes to send them."""

LOOK_SECONDS = 0.5
"""Between two looks whether the child lives; Celery itself looks every five seconds, and the worker idles meanwhile."""

SIGN_OFF_SECONDS = 2.0
"""How long a worker that ends waits for its reaper, which may be in the midst of a command to a Redis that is away."""


def own_name(hostname: str) -> str:
    """The name under which this start of the worker signs and claims; `hostname` is Celery's, `name@host`."""
    return name_of(hostname, NONCE)


@setup_logging.connect  # type: ignore[untyped-decorator]
def _log_to_stderr(**_: Any) -> None:
    logs.set_up(settings.log_level, tail)


@worker_init.connect  # type: ignore[untyped-decorator]
def _take_over(sender: Any, **_: Any) -> None:
    """Look who was here before, as early as can be; the reaper goes on with it."""
    _log_to_stderr()
    takeover = Takeover(
        own_name(sender.hostname), lease_seconds=settings.lease_seconds, most_attempts=settings.max_attempts
    )
    takeovers.append(takeover)
    store = Store.open(settings)
    takeover.look(store)
    store.redis.close()


@worker_ready.connect  # type: ignore[untyped-decorator]
def _start_reaper(sender: Any, **_: Any) -> None:
    """Begin to reap, and to watch over the one who started us, once the worker takes messages."""
    queues = [queue.name for queue in sender.task_consumer.queues]
    store = Store.open(settings)
    consumer_watchdog = ConsumerWatchdog(
        busy=lambda: bool(state.active_requests), restart=lambda: restart_this_process(_children)
    )
    watchdog = Watchdog(passes, store.metrics, seconds=settings.predict_timeout_seconds, children=_children)
    crash_recovery = CrashRecovery(store, tail, most_attempts=settings.max_attempts, watchdog=watchdog)
    reaper = Reaper(
        store,
        Queue(celery),
        settings,
        queues=queues,
        name=own_name(sender.hostname),
        consumer_watchdog=consumer_watchdog,
        crash_recovery=crash_recovery,
        takeover=takeovers[-1],
        watchdog=watchdog,
    )
    sender.hub.call_repeatedly(LOOK_SECONDS, sender.pool.maintain_pool)
    sender.hub.call_repeatedly(LOOK_SECONDS, check_window, sender)
    task_received.connect(lambda **_: consumer_watchdog.hear(), weak=False)
    task_failure.connect(lambda exception, **_: crash_recovery.child_died(exception), weak=False)
    begun.append((reaper, store))
    reaper.start()
    store.metrics.keep_flushing()
    parent_death.watch()


def _children() -> list[int]:
    return [child.pid for child in billiard.active_children()]


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _begin_to_end(**_: Any) -> None:
    """Tell the child and the reaper, inside the signal handler, where nothing may be waited for."""
    shutting_down.value = 1
    for reaper, _store in begun:
        reaper.stop()


@worker_shutdown.connect  # type: ignore[untyped-decorator]
def _sign_off(**_: Any) -> None:
    for reaper, store in begun:
        reaper.stop()
        reaper.join(SIGN_OFF_SECONDS)
        store.metrics.stop()


@worker_process_init.connect  # type: ignore[untyped-decorator]
def _trace(**_: Any) -> None:
    tracing.start("neurond-worker")
    worker_process_shutdown.connect(lambda **_: tracing.stop(), weak=False)
