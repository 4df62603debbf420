"""Training jobs: claim, load the data, train, report after each epoch, store the model, finish."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

import nn
from nn.arrays import AnyArray
from nn.data import Dataset
from nn.errors import DataError, DivergenceError, SpecError
from worker.errors import JobFailedError, LeaseLostError
from worker.lease import Lease
from worker.reporter import Reporter
from worker.settings import Settings
from worker.spec import BUILT_IN_DATASETS
from worker.store import Store, models
from worker.store.blobs import model_path
from worker.store.jobs import Claim, Job, NewModel
from worker.threads import blas_threads, limited_to, threads_for

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

RETRY_SECONDS = 1.0
"""Between two tries to write while Redis is away."""

FAILURE_CODES: Mapping[type[Exception], str] = {
    SpecError: "invalid_spec",
    DataError: "invalid_data",
    DivergenceError: "diverged",
}
"""What the record's error says of an exception that the mathematics raised on purpose."""


FIT_CHOICES: Final = (
    "loss",
    "optimizer",
    "schedule",
    "weight_decay",
    "l1",
    "l2",
    "clip_norm",
    "batch_size",
    "epochs",
    "shuffle",
    "early_stopping",
    "augmentation",
)
"""What of a job's `training` goes to `nn.fit` as it is."""

Rows = tuple[AnyArray, AnyArray]


@dataclass(frozen=True)
class Samples:
    """What of a data set a job trains on, watches meanwhile, and measures at the end."""

    x: AnyArray
    y: AnyArray
    validation: Rows | None
    test: Rows | None


def divide(dataset: Dataset, plan: Mapping[str, Any], rng: np.random.Generator) -> Samples:
    """Divide a data set as the job's `training` says. A test set is there only if training never sees it."""
    x, y = dataset.x_train, dataset.y_train
    test: Rows | None = (dataset.x_test, dataset.y_test)
    if plan["samples"] == "all":
        x, y = np.concatenate([x, dataset.x_test]), np.concatenate([y, dataset.y_test])
        test = None
    if plan["validation_split"] == 0:
        return Samples(x, y, None, test)
    kept, held_out = nn.split(y, plan["validation_split"], rng, stratify=dataset.task == "classification")
    return Samples(x[kept], y[kept], (x[held_out], y[held_out]), test)


def build_model(dataset: Dataset, config: Mapping[str, Any], rng: np.random.Generator) -> nn.Model:
    """The model that a job's config asks for, its first weights drawn."""
    choices = {name: choice for name, choice in config["model"].items() if choice is not None}
    return nn.Model.build(dataset, **choices, loss=config["training"]["loss"], rng=rng)


class Trainer:
    """Runs training jobs, one at a time."""

    def __init__(self, store: Store, settings: Settings, *, owner: str, stopping: Callable[[], bool]) -> None:
        """`stopping` tells whether this worker shuts down: a running job then goes back to the queue."""
        self._store = store
        self._settings = settings
        self._owner = owner
        self._stopping = stopping
        self._most_threads = blas_threads()
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

    def _run_claimed(self, claim: Claim[Job], lease: Lease) -> None:
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

    def _train(self, claim: Claim[Job], lease: Lease) -> None:
        config = claim.job.config
        plan = config["training"]
        dataset = self._load(config["dataset"])
        dividing, initialising, training = np.random.default_rng(config["seed"]).spawn(3)
        samples = divide(dataset, plan, dividing)
        model = build_model(dataset, config, initialising)
        threads = threads_for(model.parameter_count, plan["batch_size"], self._most_threads)
        with (
            limited_to(threads),
            Reporter(
                self._store, claim, samples=len(samples.x), plan=plan, write=lambda step: self._write(lease, step)
            ) as reporter,
        ):
            history = nn.fit(
                model,
                samples.x,
                samples.y,
                validation=samples.validation,
                rng=training,
                on_step=reporter.on_step,
                on_epoch=reporter.on_epoch,
                should_stop=lambda: lease.cancelled.is_set() or lease.lost.is_set() or self._stopping(),
                **{name: plan[name] for name in FIT_CHOICES},
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
            "samples_per_second": len(history.epochs) * len(samples.x) / history.seconds,
        }
        if history.best_epoch is not None:
            metrics["best_epoch"] = history.best_epoch
        if samples.test is not None:
            metrics |= {f"test_{name}": value for name, value in model.evaluate(*samples.test).items()}
        self._store_model(claim, lease, model, metrics)

    def _store_model(self, claim: Claim[Job], lease: Lease, model: nn.Model, metrics: dict[str, Any]) -> None:
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
