"""The Celery tasks: a wake-up comes in; what waits longest is claimed, run and recorded.

Messages of version 0.1.0 name a record (`_named`); they are wake-ups like all others.
"""

import gc
import os
import socket
from collections.abc import Callable
from functools import cached_property
from typing import Any

from celery import Task
from celery.signals import worker_process_shutdown

from worker.inference import BatchPredictions, Inference
from worker.ingest.errands import Errands
from worker.ingest.ingester import Ingester
from worker.messaging.queue import CANARY, ERRAND, FILES, INGEST, PREDICT, PREDICT_LATER, TRAIN, TRAINING, Queue
from worker.runtime.celery_app import celery, own_name, passes, settings, shutting_down, tail
from worker.runtime.limits import bound_memory
from worker.runtime.scheduling_priority import lower_priority
from worker.store import Store
from worker.store.workers import owner_of
from worker.training.trainer import Trainer


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
    def trainer(self) -> Trainer:
        """Runs training jobs, behind everything that somebody waits for."""
        lower_priority()
        return Trainer(self.store, settings, owner=self.owner, stopping=self.stopping, tail=tail)

    @cached_property
    def ingester(self) -> Ingester:
        """Reads uploads."""
        return Ingester(self.store, settings, owner=self.owner, stopping=self.stopping, tail=tail)

    @cached_property
    def errands(self) -> Errands:
        """Writes models in other formats, and takes those from outside."""
        return Errands(self.store, settings, stopping=self.stopping)

    @cached_property
    def later(self) -> BatchPredictions:
        """Runs asynchronous predictions."""
        return BatchPredictions(
            self.store, settings, owner=self.owner, stopping=self.stopping, tail=tail, passes=passes
        )

    def run_file(self) -> None:
        """Do what waits longest on the queue of files. Two kinds share it, and no wake-up is for one only."""
        upload, prediction = self.store.datasets.waiting_since(), self.store.predictions.waiting_since()
        if upload is None or (prediction is not None and prediction < upload):
            self.later.run()
        else:
            self.ingester.run()

    @cached_property
    def inference(self) -> Inference:
        """Answers predictions. What is there by now stays: looking at it for garbage would take 10 ms each time."""
        gc.freeze()
        bound_memory(settings.max_predict_memory_bytes)
        return Inference(self.store, Queue(celery), settings, stopping=self.stopping, passes=passes)


@celery.task(name=TRAIN, base=Runtime, bind=True)  # type: ignore[untyped-decorator]
def train(self: Any, _named: str = "") -> None:
    """Train the network that the next job asks for."""
    self.trainer.run()


@celery.task(name=CANARY, base=Runtime, bind=True)  # type: ignore[untyped-decorator]
def canary(self: Any, queue: str) -> None:
    """Nothing to do, so there is time to clean up."""
    if queue == TRAINING:
        self.trainer.tidy()
    if queue == FILES:
        self.ingester.tidy()
        self.later.tidy()


@celery.task(name=PREDICT, base=Runtime, bind=True)  # type: ignore[untyped-decorator]
def predict(self: Any) -> None:
    """Answer the predictions that wait."""
    self.inference.drain()


@celery.task(name=INGEST, base=Runtime, bind=True)  # type: ignore[untyped-decorator]
def ingest(self: Any, _named: str = "") -> None:
    """Read an uploaded file, or run an asynchronous prediction that waits longer."""
    self.run_file()


@celery.task(name=ERRAND, base=Runtime, bind=True)  # type: ignore[untyped-decorator]
def errand(self: Any, errand_id: str) -> None:
    """Do what someone waits for."""
    self.errands.run(errand_id)


@celery.task(name=PREDICT_LATER, base=Runtime, bind=True)  # type: ignore[untyped-decorator]
def predict_later(self: Any, _named: str = "") -> None:
    """Run an asynchronous prediction, or read an uploaded file that waits longer."""
    self.run_file()
