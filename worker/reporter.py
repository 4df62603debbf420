"""Tells the record of a running job how far it is."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Any, Self

from nn.training import EpochReport, StepReport
from worker.store import Store
from worker.store.jobs import Claim, Job

PROGRESS_SECONDS = 0.5
"""Between two reports inside an epoch."""


class Reporter:
    """Writes progress and metrics of a running job, in order, while the training goes on.

    A write waits for Redis's disk; the next batches need not. So a thread of its own writes, and the end of the block
    waits until all is written, before anyone says how the job ended.
    """

    def __init__(
        self,
        store: Store,
        claim: Claim[Job],
        *,
        samples: int,
        plan: Mapping[str, Any],
        write: Callable[[Callable[[], None]], None],
    ) -> None:
        self.metrics: dict[str, Any] = {}
        self._store = store
        self._claim = claim
        self._epochs = plan["epochs"]
        self._batch_size = plan["batch_size"]
        self._samples = samples
        self._write = write
        self._begun = time.monotonic()
        self._told = self._begun
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reporter")
        self._last: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._writer.shutdown(wait=True)
        if error is None and self._last is not None:
            self._last.result()

    def on_step(self, step: StepReport) -> None:
        """Tell from time to time how far the epoch is."""
        now = time.monotonic()
        if now - self._told < PROGRESS_SECONDS or not self._idle():
            return
        self._told = now
        self._report(self._progress(step.epoch, step.step, step.steps))

    def on_epoch(self, epoch: EpochReport) -> None:
        """Tell how the epoch went."""
        self._told = time.monotonic()
        told = {
            "train_loss": epoch.train_loss,
            "train_accuracy": epoch.train_accuracy,
            "validation_loss": epoch.validation_loss,
            "validation_accuracy": epoch.validation_accuracy,
            "learning_rate": epoch.learning_rate,
            "seconds": epoch.seconds,
            "samples_per_second": epoch.samples_per_second,
        }
        self.metrics = {name: value for name, value in told.items() if value is not None}
        steps = -(-self._samples // self._batch_size)
        event = {"epoch": epoch.epoch, "epochs": epoch.epochs, **self.metrics}
        self._report(self._progress(epoch.epoch, steps, steps), event)

    def _idle(self) -> bool:
        return self._last is None or self._last.done()

    def _report(self, progress: Mapping[str, Any], event: Mapping[str, Any] | None = None) -> None:
        metrics = self.metrics
        step = partial(self._store.jobs.report, self._claim, progress, metrics, event)
        self._last = self._writer.submit(self._write, step)

    def _progress(self, epoch: int, step: int, steps: int) -> dict[str, Any]:
        """`epoch` is the one in hand, from 1; `step` counts the batches of that epoch that are done."""
        elapsed = max(time.monotonic() - self._begun, 1e-9)
        done = (epoch - 1) + step / steps
        rate = done * self._samples / elapsed
        return {
            "epoch": epoch,
            "epochs": self._epochs,
            "step": step,
            "steps": steps,
            "samples_per_second": round(rate, 1),
            "eta_seconds": round((self._epochs - done) * elapsed / done, 1) if done > 0 else None,
        }
