"""Training jobs: load the data, train on from the newest checkpoint, store the model, end the job with its record."""

import contextlib
import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from redis.exceptions import RedisError

import nn
from nn.data import Dataset
from nn.errors import FormatError
from nn.training import EpochReport, History
from worker.errors import BlobError, BlobMissingError, GaveUpError, ModelNotFoundError
from worker.observability import tracing
from worker.runtime.blas_threads import blas_threads, limited_to, threads_for
from worker.runtime.limits import Limits, check_samples
from worker.runtime.runner import Attempt, Attempts, Tools
from worker.runtime.sweeper import Sweeper
from worker.store import models
from worker.store.blobs import growth_path, model_path
from worker.store.claim import NewModel
from worker.store.jobs import Job
from worker.training.baseline import baseline
from worker.training.checkpoints import Checkpoints
from worker.training.class_weights import with_class_weights
from worker.training.evaluation import evaluation
from worker.training.job_data import Datasets, Samples, generators, split_data
from worker.training.reporter import Reporter
from worker.training.weight_snapshots import WeightSnapshots

STORE_PAUSES: Final = (1.0, 2.0, 4.0, 8.0)
"""Seconds between tries to write the weights: a disk that is full may be emptied, and the training was dear."""

MEASURED: Final = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy")
"""The metrics of an epoch that are its weights' own."""


def build_model(dataset: Dataset, config: Mapping[str, Any], rng: np.random.Generator) -> nn.Model:
    """The model that a job's config asks for, its first weights drawn."""
    choices = {name: choice for name, choice in config["model"].items() if choice is not None}
    return nn.Model.build(dataset, **choices, loss=config["training"]["loss"], rng=rng)


def multiplications(model: nn.Model, teacher: nn.Teacher | None) -> int:
    """What training costs for one row, as `Network.multiplications`: of its three passes a teacher makes the first."""
    return model.network.multiplications + (0 if teacher is None else teacher.multiplications // 3)


class Trainer:
    """Runs training jobs, one at a time."""

    def __init__(self, tools: Tools) -> None:
        self._store = tools.store
        self._settings = settings = tools.settings
        self._stopping = tools.stopping
        self._most_threads = blas_threads()
        self._datasets = Datasets(tools.store)
        self._sweeper = Sweeper(tools.store)
        self._attempts = Attempts(
            tools.store.jobs,
            tools,
            limits=lambda: Limits(memory_bytes=settings.max_job_memory_bytes, seconds=settings.max_job_seconds),
        )

    def run(self) -> None:
        """Run the job that waits longest, if one does; its record tells how it went."""
        self._attempts.run(self._train)
        self.tidy()

    def tidy(self) -> None:
        """Clean up what crashes have left, now and then."""
        self._sweeper.sweep_sometimes()

    def _train(self, attempt: Attempt[Job]) -> None:
        try:
            self._train_on(attempt)
        except FormatError as error:
            # A checkpoint of another version, perhaps: it is whole, and no use.
            attempt.log.warning("the checkpoint does not fit; starting over", extra={"error": str(error)})
            self._train_on(attempt, resume=False)

    def _train_on(self, attempt: Attempt[Job], *, resume: bool = True) -> None:
        job = attempt.claim.record
        self._check_quota(job.id)
        with tracing.span("load data", dataset=job.config["dataset"]):
            dataset = self._datasets.load(job.config["dataset"])
        dividing, initialising, training = generators(job.config["seed"])
        samples = split_data(dataset, job.config["training"], dividing)
        plan = with_class_weights(job.config["training"], samples.y, dataset.classes)
        check_samples(plan, len(samples.x), self._settings.max_job_samples)
        model = build_model(dataset, {**job.config, "training": plan}, initialising)
        teacher = self._teacher(plan)
        checkpoints = Checkpoints(self._store, attempt.claim)
        state, seconds_before = checkpoints.newest() if resume else (None, 0.0)
        attempt.limits.count(seconds_before)
        if state is not None:
            attempt.log.info("resumed", extra={"epoch": state.epoch, "seconds": seconds_before})
        snapshots = WeightSnapshots(model)
        if state is None:
            snapshots.take(0)
        reporter = Reporter(
            self._store,
            attempt,
            checkpoints,
            samples=len(samples.x),
            plan=plan,
            every=self._settings.checkpoint_seconds,
            seconds_before=seconds_before,
        )

        def on_epoch(epoch: EpochReport) -> None:
            snapshots.take(epoch.epoch)
            reporter.on_epoch(epoch)

        work = multiplications(model, teacher)
        threads = threads_for(work, plan["batch_size"], self._most_threads)
        with tracing.span("fit", threads=threads, parameters=model.parameter_count), limited_to(threads), reporter:
            history = nn.fit(
                model,
                samples.x,
                samples.y,
                nn.TrainingOptions.of(plan),
                validation=samples.validation,
                teacher=teacher,
                rng=training,
                state=state,
                on_step=reporter.on_step,
                on_epoch=on_epoch,
                should_stop=attempt.should_stop,
            )
        if history.stopped:
            self._stopped(attempt, checkpoints, reporter)
            return
        done = history.epochs[-1].epoch if history.epochs else state.epoch if state else 0
        with tracing.span("evaluate"):
            metrics = _final_metrics(
                model,
                samples,
                history,
                reporter,
                epochs=done,
                seconds_before=seconds_before,
                told=lambda epoch: attempt.write(lambda: self._store.events.epoch(job.id, epoch)),
            )
            wrong = evaluation(model, *samples.test) if samples.test is not None else None
        with tracing.span("store model"):
            self._store_model(attempt, model, snapshots, metrics, wrong)
        checkpoints.clear()

    def _check_quota(self, job_id: str) -> None:
        """End before the work where the caller has reached its quota; a model that was made is kept."""
        self._store.usage.check(thing=job_id)

    def _teacher(self, plan: Mapping[str, Any]) -> nn.Teacher | None:
        """The models that the job learns from, if there are to be any."""
        chosen = plan.get("teacher")  # a job of an earlier version has no such field
        if chosen is None:
            return None
        return nn.Teacher(*map(self._stored_model, chosen["models"]), temperature=chosen["temperature"])

    def _stored_model(self, model_id: str) -> nn.Model:
        try:
            return nn.formats.load(self._store.blobs.get(model_path(model_id)))
        except BlobMissingError:
            raise ModelNotFoundError(f"the model {model_id!r}, to learn from, is gone") from None

    def _stopped(self, attempt: Attempt[Job], checkpoints: Checkpoints, reporter: Reporter) -> None:
        """Something else than the training's end has stopped it."""
        attempt.check_lease()
        if attempt.lease.cancelled.is_set():
            attempt.end(lambda: self._store.jobs.finish(attempt.claim, "cancelled", metrics=reporter.metrics))
            attempt.log.info("cancelled")
            checkpoints.clear()
        elif self._stopping():
            reporter.keep()
            attempt.end(lambda: self._store.jobs.release(attempt.claim))
            attempt.log.info("put back: this worker shuts down")
        else:
            attempt.limits.check_time()

    def _store_model(
        self,
        attempt: Attempt[Job],
        model: nn.Model,
        snapshots: WeightSnapshots,
        metrics: dict[str, Any],
        wrong: dict[str, Any] | None,
    ) -> None:
        """Put the weights under a new ID, then end the job with the model's record, or take them away again."""
        claim = attempt.claim
        data = nn.formats.save(model)
        model_id = models.new_model_id()
        record = models.describe(
            name=claim.record.config["name"],
            job_id=claim.record.id,
            dataset=claim.record.config["dataset"],
            task=model.task,
            classes=list(model.classes),
            architecture=model.architecture,
            metrics=metrics,
            sha256=hashlib.sha256(data).hexdigest(),
            size_bytes=len(data),
            evaluation=wrong,
            growth=snapshots.epochs or None,
        )
        path, copies = model_path(model_id), growth_path(model_id)
        attempt.write(lambda: self._store.pending_blobs.note_model(model_id, claim))
        try:
            self._put(attempt, path, data)
            if snapshots.epochs:
                self._put(attempt, copies, snapshots.to_bytes())
            size = len(data) + (self._store.blobs.size(copies) or 0)
            attempt.write(lambda: self._store.usage.charge(model_id, size, like=claim.record.id, whatever=True))
            status = attempt.end(
                lambda: self._store.jobs.finish(claim, "succeeded", metrics=metrics, model=NewModel(model_id, record)),
            )
        except GaveUpError:
            raise  # the sweeper finds the note, and the record tells whether the model is there
        except BaseException:
            self._tidy_weights(model_id, path, copies, adopted=False)
            raise
        self._tidy_weights(model_id, path, copies, adopted=status == "succeeded")
        with contextlib.suppress(RedisError):  # the sweep does it then
            self._store.usage.discharge(claim.record.id)
        attempt.log.info(status, extra={"model": model_id} if status == "succeeded" else {})

    def _tidy_weights(self, model_id: str, *paths: str, adopted: bool) -> None:
        """Forget the note of weights that a record names (`adopted`); delete weights that no record names."""
        with contextlib.suppress(BlobError, RedisError):  # should one of these fail, the sweeper finds the note
            if not adopted:
                self._store.usage.discharge(model_id)
                for path in paths:
                    self._store.blobs.delete(path)
            self._store.pending_blobs.forget(*paths)

    def _put(self, attempt: Attempt[Job], path: str, data: bytes) -> None:
        """Write the weights, with some patience."""
        for pause in STORE_PAUSES:
            try:
                self._store.blobs.put(path, data)
            except BlobError as error:
                attempt.log.warning("the weights could not be written yet", extra={"error": str(error)})
                attempt.check_lease()
                time.sleep(pause)
            else:
                return
        self._store.blobs.put(path, data)


def _final_metrics(
    model: nn.Model,
    samples: Samples,
    history: History,
    reporter: Reporter,
    *,
    epochs: int,
    seconds_before: float,
    told: Callable[[int], Mapping[str, Any]],
) -> dict[str, Any]:
    """What the job's record and its model's say at the end; the test set is seen here, once.

    `told` gives the event of an epoch, which may be one of an earlier attempt.
    """
    seconds = seconds_before + history.seconds
    metrics = reporter.metrics | {"train_seconds": seconds, "samples_per_second": epochs * len(samples.x) / seconds}
    if history.best_epoch is not None and samples.validation is not None:
        metrics = _of_the_best(history.best_epoch, told(history.best_epoch), metrics)
    if samples.test is not None:
        scores = model.evaluate(*samples.test)
        metrics |= {f"test_{name}": value for name, value in scores.items()}
        metrics |= baseline(model, samples.y, *samples.test, scores)
    return metrics


def _of_the_best(best_epoch: int, told: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
    """The metrics of the epoch whose weights are kept, in place of those of the last one."""
    others = {name: value for name, value in last.items() if name not in MEASURED}
    known = {name: told[name] for name in MEASURED if name in told}
    return others | known | {"best_epoch": best_epoch}
