"""Tells the record of a running job how far it is, and keeps where it can go on."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Any, Self

from nn.training import EpochReport, StepReport, TrainingState
from worker.runtime.runner import Attempt
from worker.store import Store
from worker.store.jobs import Job
from worker.training.checkpoints import Checkpoints

PROGRESS_SECONDS = 0.5
"""Between two reports inside an epoch."""


class Reporter:
    """Writes progress, metrics and checkpoints of a running job, in order, while the training goes on.

    A write waits for the disk; the next batches need not. So a thread of its own writes, and the end of the block
    waits until all is written, before anyone says how the job ended.
    """

    def __init__(
        self,
        store: Store,
        attempt: Attempt[Job],
        checkpoints: Checkpoints,
        *,
        samples: int,
        plan: Mapping[str, Any],
        every: float,
        seconds_before: float,
    ) -> None:
        """`every`: seconds between two checkpoints inside an epoch; `seconds_before`: training of earlier attempts."""
        self.metrics: dict[str, Any] = attempt.claim.record.metrics or {}
        self._store = store
        self._attempt = attempt
        self._checkpoints = checkpoints
        self._epochs = plan["epochs"]
        self._batch_size = plan["batch_size"]
        self._samples = samples
        self._every = every
        self._seconds_before = seconds_before
        self._begun = self._told = self._kept = time.monotonic()
        self._first: float | None = None
        self._step: StepReport | None = None
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reporter")
        self._last: Future[None] | None = None
        self._saving: Future[None] | None = None
        self._failure: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._writer.shutdown(wait=True)
        if error is None:
            self._check()

    def on_step(self, step: StepReport) -> None:
        """Tell from time to time how far the epoch is; seldom, keep it."""
        self._check()
        self._step = step
        now = time.monotonic()
        if self._first is None:
            self._first = step.epoch - 1 + (step.step - 1) / step.steps
        if now - self._kept >= self._every and _done(self._saving):
            self._kept = self._told = now
            self._save(step.state(), self._progress(step.epoch, step.step, step.steps))
        elif now - self._told >= PROGRESS_SECONDS and _done(self._last):
            self._told = now
            self._report(self._progress(step.epoch, step.step, step.steps))

    def on_epoch(self, epoch: EpochReport) -> None:
        """Tell how the epoch went, and keep it, unless the one before is still being written: epochs may be short."""
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
        self._attempt.log.info("epoch", extra={"epoch": epoch.epoch, "seconds": round(epoch.seconds, 3)})
        steps = -(-self._samples // self._batch_size)
        event = {"epoch": epoch.epoch, "epochs": epoch.epochs, **self.metrics}
        progress = self._progress(epoch.epoch, steps, steps)
        if epoch.epoch < epoch.epochs and _done(self._saving):
            self._kept = self._told
            self._save(epoch.state(), progress, event)
        else:
            self._report(progress, event)

    def keep(self) -> None:
        """Keep where the training was stopped; to be called after the block."""
        if self._step is not None:
            step = self._step
            self._checkpoints.save(
                step.state(), self._seconds(), self._name(self._progress(step.epoch, step.step, step.steps), None)
            )

    def _report(self, progress: Mapping[str, Any], event: Mapping[str, Any] | None = None) -> None:
        name = self._name(progress, event)
        self._last = self._writer.submit(self._unless_failed, name, None)

    def _save(self, state: TrainingState, progress: Mapping[str, Any], event: Mapping[str, Any] | None = None) -> None:
        name = self._name(progress, event)
        save = self._checkpoints.save
        self._saving = self._last = self._writer.submit(self._unless_failed, save, state, self._seconds(), name)

    def _unless_failed(self, step: Callable[..., None], *arguments: Any) -> None:
        """Take the step, unless one before it failed: what is told must have no gaps."""
        if self._failure is None:
            try:
                step(*arguments)
            except Exception as error:  # noqa: BLE001  # it is raised where the training hears of it
                self._failure = error

    def _check(self) -> None:
        """Raise what kept a report from being written."""
        if self._failure is not None:
            raise self._failure

    def _name(
        self, progress: Mapping[str, Any], event: Mapping[str, Any] | None
    ) -> Callable[[Mapping[str, Any] | None], None]:
        """A step that reports, given what the record should hold of a checkpoint."""
        metrics = self.metrics

        def report(checkpoint: Mapping[str, Any] | None) -> None:
            claim = self._attempt.claim
            self._attempt.write(partial(self._store.jobs.report, claim, progress, metrics, event, checkpoint))

        return report

    def _seconds(self) -> float:
        return self._seconds_before + time.monotonic() - self._begun

    def _progress(self, epoch: int, step: int, steps: int) -> dict[str, Any]:
        """`epoch` is the one in hand, from 1; `step` counts the batches of that epoch that are done."""
        elapsed = max(time.monotonic() - self._begun, 1e-9)
        done = (epoch - 1) + step / steps
        here = done - (self._first or 0.0)
        return {
            "epoch": epoch,
            "epochs": self._epochs,
            "step": step,
            "steps": steps,
            "samples_per_second": round(here * self._samples / elapsed, 1),
            "eta_seconds": round((self._epochs - done) * elapsed / here, 1) if here > 0 else None,
        }


def _done(future: Future[None] | None) -> bool:
    return future is None or future.done()
