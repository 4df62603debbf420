"""Tells the record of a running job how far it is."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from nn.training import EpochReport, StepReport
from worker.store import Store
from worker.store.jobs import Claim

logger = logging.getLogger(__name__)

PROGRESS_SECONDS = 0.5
"""Between two reports inside an epoch."""


class Reporter:
    """Writes progress and metrics of a running job."""

    def __init__(
        self,
        store: Store,
        claim: Claim,
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

    def on_step(self, step: StepReport) -> None:
        """Tell from time to time how far the epoch is."""
        now = time.monotonic()
        if now - self._told < PROGRESS_SECONDS:
            return
        self._told = now
        try:
            self._store.jobs.report(self._claim, self._progress(step.epoch, step.step, step.steps), self.metrics)
        except (RedisConnectionError, RedisTimeoutError) as error:
            logger.debug("progress not told: %s", error)

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
        progress = self._progress(epoch.epoch, steps, steps)
        event = {"epoch": epoch.epoch, "epochs": epoch.epochs, **self.metrics}
        self._write(lambda: self._store.jobs.report(self._claim, progress, self.metrics, event))

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
