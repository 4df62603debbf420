"""The Celery tasks: a wake-up comes in; what waits longest is claimed, run and recorded.

Messages of version 0.1.0 have names of their own, and name a record; they are wake-ups like all others.
"""

import gc
import os
import socket
from collections.abc import Callable
from functools import cached_property
from operator import itemgetter
from pkgutil import resolve_name
from typing import Any

from celery import Task
from celery.signals import worker_process_shutdown

from worker.inference.batcher import Inference
from worker.messaging.queue import CANARY, FORMER, PREDICT, WORK, Queue
from worker.runtime.celery_app import celery, own_name, passes, settings, shutting_down, tail
from worker.runtime.limits import bound_memory
from worker.runtime.runner import Runner, Tools
from worker.runtime.scheduling_priority import lower_priority
from worker.store import Store
from worker.store.workers import owner_of
from worker.work import on
from worker.work.kind import Kind


class Runtime(Task):  # type: ignore[misc]  # Celery is untyped
    """A task with what it needs, made in the child process when it is first used, and kept."""

    abstract = True

    @cached_property
    def store(self) -> Store:
        """The store. What this process counts is in Redis a few seconds later, or when the process ends."""
        store = Store.open(settings)
        store.metrics.keep_flushing()
        worker_process_shutdown.connect(lambda **_: store.metrics.stop(), weak=False)
        return store

    @cached_property
    def owner(self) -> str:
        """The name under which this process claims."""
        return owner_of(own_name(self.request.hostname or f"worker@{socket.gethostname()}"), os.getpid())

    @cached_property
    def stopping(self) -> Callable[[], bool]:
        """Told to end, or left alone: the main process was killed, and nobody watches over this one any more."""
        parent = os.getppid()
        return lambda: bool(shutting_down.value) or os.getppid() != parent

    @cached_property
    def tools(self) -> Tools:
        """What every runner works with."""
        return Tools(self.store, settings, self.owner, self.stopping, tail, passes, Queue(celery).send_work)

    def runner(self, kind: Kind) -> Runner:
        """What runs records of this kind, made when the first comes."""
        if kind.noun not in self._runners:
            if kind.background:
                lower_priority()
            made = resolve_name(kind.runner)
            self._runners[kind.noun] = made(self.tools, kind) if kind.run else made(self.tools)
        return self._runners[kind.noun]

    @cached_property
    def _runners(self) -> dict[str, Runner]:
        return {}

    def run_waiting(self, queue: str) -> None:
        """Run what waits longest on this queue. Kinds share it, and no wake-up is for one of them only."""
        kinds = on(queue)
        if len(kinds) > 1:
            since = ((self.store.records(kind).waiting_since(), kind) for kind in kinds)
            waiting = [(moment, kind) for moment, kind in since if moment is not None]
            kinds = [kind for _, kind in sorted(waiting, key=itemgetter(0))] or kinds
        self.runner(kinds[0]).run()

    @cached_property
    def inference(self) -> Inference:
        """Answers predictions. What is there by now stays: looking at it for garbage would take 10 ms each time."""
        gc.freeze()
        bound_memory(settings.max_predict_memory_bytes)
        return Inference(self.store, Queue(celery), settings, stopping=self.stopping, passes=passes)


@celery.task(name=WORK, base=Runtime, bind=True)  # type: ignore[untyped-decorator]
def work(self: Any, queue: str) -> None:
    """Run the record that waits longest on this queue."""
    self.run_waiting(queue)


for former, queue_of_former in FORMER.items():

    @celery.task(name=former, base=Runtime, bind=True)  # type: ignore[untyped-decorator]
    def _former(self: Any, _named: str = "", *, queue: str = queue_of_former) -> None:
        self.run_waiting(queue)


@celery.task(name=CANARY, base=Runtime, bind=True)  # type: ignore[untyped-decorator]
def canary(self: Any, queue: str) -> None:
    """Nothing to do, so there is time to clean up."""
    for kind in on(queue):
        self.runner(kind).tidy()


@celery.task(name=PREDICT, base=Runtime, bind=True)  # type: ignore[untyped-decorator]
def predict(self: Any) -> None:
    """Answer the predictions that wait."""
    self.inference.drain()
