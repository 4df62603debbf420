"""Training jobs: claim, load the data, train, report after each epoch, store the model, finish."""

import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np
from nn.data import Dataset
from nn.errors import DataError, DivergenceError, SpecError
from nn.training import EpochReport, StepReport
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

import nn
from worker.errors import JobFailedError, LeaseLostError
from worker.lease import Lease
from worker.settings import Settings
from worker.spec import BUILT_IN_DATASETS
from worker.store import Store, models
from worker.store.blobs import model_path
from worker.store.jobs import Claim, NewModel

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

PROGRESS_SECONDS = 0.5
"""Between two reports inside an epoch."""

RETRY_SECONDS = 1.0
"""Between two tries to write while Redis is away."""

FAILURE_CODES: Mapping[type[Exception], str] = {
    SpecError: "invalid_spec",
    DataError: "invalid_data",
    DivergenceError: "diverged",
}
"""What the record's error says of an exception that the mathematics raised on purpose."""


class Trainer:
    """Runs training jobs, one at a time."""

    def __init__(self, store: Store, settings: Settings, *, owner: str, stopping: Callable[[], bool]) -> None:
        """`stopping` tells whether this worker shuts down: a running job then goes back to the queue."""
        self._store = store
        self._settings = settings
        self._owner = owner
        self._stopping = stopping
        self._dataset: Dataset | None = None

    def run(self, job_id: str) -> None:
        """Run the job if it is there to be claimed; its record tells how it went."""
        claim = self._store.jobs.claim(job_id, self._owner, int(self._settings.lease_seconds * 1000))
        if claim is None:
            logger.info("job %s: nothing to claim", job_id)
            return
        logger.info("job %s: attempt %d, token %d", job_id, claim.job.attempt, claim.token)
        try:
            with Lease(self._store.jobs, claim, self._settings.lease_seconds) as lease:
                self._run_claimed(claim, lease)
        except LeaseLostError as error:
            logger.warning("write refused: %s", error)

    def _run_claimed(self, claim: Claim, lease: Lease) -> None:
        try:
            self._train(claim, lease)
        except LeaseLostError:
            raise
        except Exception as error:
            code = next((code for kind, code in FAILURE_CODES.items() if isinstance(error, kind)), "internal_error")
            if isinstance(error, JobFailedError):
                code = error.code
            logger.log(
                logging.ERROR if code == "internal_error" else logging.INFO,
                "job %s failed",
                claim.job.id,
                exc_info=error,
            )
            message = str(error) or type(error).__name__
            self._write(
                lease, lambda: self._store.jobs.finish(claim, "failed", error={"code": code, "message": message})
            )

    def _train(self, claim: Claim, lease: Lease) -> None:
        config = claim.job.config
        dataset = self._load(config["dataset"])
        plan = config["training"]
        splitting, initialising, training = np.random.default_rng(config["seed"]).spawn(3)

        x, y, held_out = dataset.x_train, dataset.y_train, dataset.y_test
        if plan["samples"] == "all":
            x, y = np.concatenate([x, dataset.x_test]), np.concatenate([y, dataset.y_test])
            held_out = held_out[:0]
        validation = None
        if plan["validation_split"] > 0:
            kept, validating = nn.split(
                y, plan["validation_split"], splitting, stratify=dataset.task == "classification"
            )
            validation = (x[validating], y[validating])
            x, y = x[kept], y[kept]

        model = nn.Model.build(dataset, **config["model"], loss=plan["loss"], rng=initialising)
        reporter = Reporter(self._store, claim, samples=len(x), plan=plan, write=lambda step: self._write(lease, step))
        history = nn.fit(
            model,
            x,
            y,
            validation=validation,
            loss=plan["loss"],
            optimizer=plan["optimizer"],
            schedule=plan["schedule"],
            weight_decay=plan["weight_decay"],
            batch_size=plan["batch_size"],
            epochs=plan["epochs"],
            shuffle=plan["shuffle"],
            early_stopping=plan["early_stopping"],
            rng=training,
            on_step=reporter.on_step,
            on_epoch=reporter.on_epoch,
            should_stop=lambda: lease.cancelled.is_set() or lease.lost.is_set() or self._stopping(),
        )
        if lease.lost.is_set():
            raise LeaseLostError(f"job {claim.job.id}: token {claim.token} is stale")
        if lease.cancelled.is_set():
            self._write(lease, lambda: self._store.jobs.finish(claim, "cancelled", metrics=reporter.metrics))
            logger.info("job %s: cancelled", claim.job.id)
            return
        if history.stopped:
            self._write(lease, lambda: self._store.jobs.release(claim))
            logger.info("job %s: put back, this worker shuts down", claim.job.id)
            return
        metrics = reporter.metrics | {
            "train_seconds": history.seconds,
            "samples_per_second": len(history.epochs) * len(x) / history.seconds,
        }
        if history.best_epoch is not None:
            metrics["best_epoch"] = history.best_epoch
        if len(held_out):
            test = model.evaluate(dataset.x_test, dataset.y_test)
            metrics |= {f"test_{name}": value for name, value in test.items()}
        self._store_model(claim, lease, model, metrics)

    def _store_model(self, claim: Claim, lease: Lease, model: nn.Model, metrics: dict[str, Any]) -> None:
        """Put the weights under a new ID, then end the job with the model's record, or take them away again."""
        data = nn.formats.save(model)
        model_id = models.new_model_id()
        record = models.describe(
            name=claim.job.config["name"],
            job_id=claim.job.id,
            dataset=claim.job.config["dataset"],
            task=model.task,
            classes=list(model.classes),
            architecture=model.architecture,
            metrics=metrics,
            sha256=hashlib.sha256(data).hexdigest(),
            size_bytes=len(data),
        )
        self._store.blobs.put(model_path(model_id), data)
        status = None
        try:
            status = self._write(
                lease,
                lambda: self._store.jobs.finish(claim, "succeeded", metrics=metrics, model=NewModel(model_id, record)),
            )
        finally:
            if status != "succeeded":
                self._store.blobs.delete(model_path(model_id))
        logger.info("job %s: %s, model %s", claim.job.id, status, model_id)

    def _load(self, name: str) -> Dataset:
        """The data set; the last one stays in memory for the next job."""
        if name not in BUILT_IN_DATASETS:
            raise JobFailedError("dataset_not_found", f"there is no data set {name!r}")
        if self._dataset is None or self._dataset.name != name:
            self._dataset = nn.datasets.load(name)
        return self._dataset

    def _write(self, lease: Lease, step: Callable[[], Answer]) -> Answer:
        """Take a step of the job's life; while Redis is away, wait for it as long as the lease may hold."""
        while True:
            try:
                return step()
            except (RedisConnectionError, RedisTimeoutError) as error:
                logger.warning("waiting for Redis: %s", error)
                if lease.lost.wait(RETRY_SECONDS) or self._stopping():
                    raise LeaseLostError("gave up the job: its lease ran out while Redis was away") from error


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
