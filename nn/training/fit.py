"""`fit`: the loop over epochs, and everything that hangs on it."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, cast

import numpy as np

from nn import checks
from nn.arrays import AnyArray, Indices
from nn.data.augmentation import augmentation_from
from nn.errors import DataError, DivergenceError, FormatError, SpecError
from nn.model import Model
from nn.optimizers import Optimizer, optimizer_from
from nn.schedules import schedule_from
from nn.training.batches import Batches
from nn.training.blocked import BlockedSGD
from nn.training.distillation import Distillation, Teacher
from nn.training.early_stopping import EarlyStopping
from nn.training.regularization import Regularization
from nn.training.report import EpochReport, History, StepReport
from nn.training.state import TrainingState, Within, generator_state, restore_generator
from nn.training.steps import BatchSteps, Stepper

DEFAULT_OPTIMIZER = {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9}


def fit(model: Model, x: AnyArray, y: AnyArray, *, validation: tuple[AnyArray, AnyArray] | None = None,
        loss: str | Mapping[str, Any] | None = None, optimizer: Optimizer | str | Mapping[str, Any] = DEFAULT_OPTIMIZER,
        schedule: str | Mapping[str, Any] | None = None, weight_decay: float = 0.0, l1: float = 0.0, l2: float = 0.0,
        clip_norm: float | None = None, batch_size: int = 128, epochs: int = 10, shuffle: bool = True,
        early_stopping: Mapping[str, Any] | None = None, augmentation: Mapping[str, Any] | None = None,
        teacher: Teacher | None = None, rng: np.random.Generator, state: TrainingState | None = None,
        on_epoch: Callable[[EpochReport], None] | None = None, on_step: Callable[[StepReport], None] | None = None,
        should_stop: Callable[[], bool] | None = None, blocked: bool | None = None) -> History:  # fmt: skip
    """Train `model` on rows x: (n, …) with targets y: (n, …), in place.

    validation: rows and targets that are only measured, once an epoch; early stopping needs them. loss: None is the
    model's own. schedule: None is constant. augmentation: the options of `nn.data.augmentation`, for images. teacher:
    whose answers are learned, in place of the labels (`nn.training.distillation`). state: go on from there, bit for bit
    as if never stopped (the other arguments being the same). on_step and should_stop are called after each batch, or
    each block of images where the batch is one image and the exact blocked path is taken; `blocked` forces that choice.
    When should_stop answers true, fit returns with `history.stopped` set.

    SpecError or DataError before any training starts; DivergenceError when a loss is not finite.
    """
    training = _Training(
        model, x, y, validation, loss, optimizer_from(optimizer), schedule, batch_size, epochs, shuffle, early_stopping,
        Regularization(weight_decay=weight_decay, l1=l1, l2=l2, clip_norm=clip_norm), augmentation, teacher, rng,
        blocked,
    )  # fmt: skip
    if state is not None:
        training.restore(state)
    return training.run(on_epoch, on_step, should_stop)


class _Training:
    """One call of `fit`: its choices, checked, and what changes while it runs."""

    def __init__(self, model: Model, x: AnyArray, y: AnyArray, validation: tuple[AnyArray, AnyArray] | None,
                 loss: str | Mapping[str, Any] | None, optimizer: Optimizer, schedule: str | Mapping[str, Any] | None,
                 batch_size: int, epochs: int, shuffle: bool, early_stopping: Mapping[str, Any] | None,
                 regularization: Regularization, augmentation: Mapping[str, Any] | None,
                 teacher: Teacher | None, rng: np.random.Generator, blocked: bool | None) -> None:  # fmt: skip
        self.model, self.network, self.optimizer, self.rng = model, model.network, optimizer, rng
        self.epochs = checks.integer(epochs, "epochs")
        self.batch_size = checks.integer(batch_size, "batch_size")
        self.shuffle = checks.flag(shuffle, "shuffle")
        self.schedule = schedule_from(schedule, epochs)
        self.stopping = None if early_stopping is None else EarlyStopping(**early_stopping)
        if self.stopping and validation is None:
            raise SpecError("early_stopping: expected a validation set to watch, got none")
        x = model.check_rows(x)
        if not len(x):
            raise DataError("x: expected at least one row, got none")
        targets = model.check_targets(y, len(x))
        self.validation = None if validation is None else (model.check_rows(validation[0]), np.asarray(validation[1]))
        if self.validation is not None:
            if not len(self.validation[0]):
                raise DataError("validation: expected at least one row, got none")
            model.check_targets(self.validation[1], len(self.validation[0]))
        the_loss = model.make_loss(loss)
        if teacher is not None:
            if loss is not None:
                raise SpecError("loss: expected none beside a teacher, whose answers are learned")
            teacher.check_student(model)
            the_loss = Distillation(teacher)
        regularization.add_decay_of(optimizer)
        optimizer.start(self.network.parameters, self.network.gradients, untouched=not regularization.changes_gradient)
        self.n, self.epoch = len(x), 0
        for layer in self.network.layers:
            layer.check_batch(min(self.batch_size, self.n))
        self.within: Within | None = None
        self.steps = math.ceil(self.n / self.batch_size)
        distort = None if augmentation is None else augmentation_from(augmentation, model.input_shape)
        self.batches = Batches(model, x, targets, distort, rng, teacher)
        self.stepper: Stepper
        obstacle = BlockedSGD.obstacle(self.network, the_loss, optimizer, regularization, self.batch_size)
        if blocked and obstacle:
            raise SpecError(f"blocked: expected what its algebra covers, got {obstacle}")
        if obstacle or blocked is False:
            self.stepper = BatchSteps(
                self.network, the_loss, optimizer, regularization, min(self.batch_size, self.n), self._rate, rng
            )
        else:
            self.stepper = BlockedSGD(self.network, the_loss, optimizer, self._rate)
        self.history = History()

    def _rate(self, step: int) -> float:
        """The learning rate of a step of this epoch, counted from 0."""
        return self.optimizer.learning_rate * self.schedule.factor(self.epoch + step / self.steps, self.epochs)

    def run(self, on_epoch: Callable[[EpochReport], None] | None, on_step: Callable[[StepReport], None] | None,
            should_stop: Callable[[], bool] | None) -> History:  # fmt: skip
        """The loop over epochs."""
        began = time.perf_counter()
        while self.epoch < self.epochs and not self._exhausted:
            epoch_began, first = time.perf_counter(), 0 if self.within is None else self.within.rows
            with np.errstate(over="ignore", invalid="ignore"):  # the loss tells, and DivergenceError says what to do
                trained = self._epoch(self._order(), on_step, should_stop)
            if not trained:
                self.history.stopped = True
                break
            report = self._finish_epoch(rows=self.n - first, seconds=time.perf_counter() - epoch_began)
            self.history.epochs.append(report)
            if on_epoch is not None:
                on_epoch(report)
        self.history.stopped_early = self._exhausted
        if self.stopping and not self.history.stopped:
            self.stopping.restore_best(self.network)
            self.history.best_epoch = self.stopping.best_epoch
        self.history.seconds = time.perf_counter() - began
        return self.history

    @property
    def _exhausted(self) -> bool:
        return self.stopping is not None and self.stopping.exhausted

    def _order(self) -> Indices:
        """The order of the rows in this epoch; in one that was resumed, the same order again."""
        if self.within is None:
            self.within = Within(generator_state(self.rng))
            return self.rng.permutation(self.n) if self.shuffle else np.arange(self.n)
        now = generator_state(self.rng)
        restore_generator(self.rng, self.within.generator)
        order = self.rng.permutation(self.n) if self.shuffle else np.arange(self.n)
        restore_generator(self.rng, now)
        return order

    def _epoch(self, order: Indices, on_step: Callable[[StepReport], None] | None,
               should_stop: Callable[[], bool] | None) -> bool:  # fmt: skip
        """Train on the rows in `order` that are left; False if asked to stop before the last."""
        within, rows = cast(Within, self.within), self.stepper.rows
        while within.rows < self.n:
            X, targets = self.batches(order[within.rows : within.rows + rows])
            loss, right = self.stepper(X, targets, within.step)
            if not math.isfinite(loss):
                raise DivergenceError(self.epoch + 1, within.step + 1, loss)
            within.loss += float(loss)
            within.right += int(right)
            within.rows = min(within.rows + rows, self.n)
            within.step = min(within.step + self.stepper.steps_a_call, self.steps)
            if on_step is not None:
                on_step(StepReport(self.epoch + 1, within.step, self.steps, self.snapshot))
            if should_stop is not None and should_stop():
                return False
        return True

    def _finish_epoch(self, *, rows: int, seconds: float) -> EpochReport:
        """Measure, and let schedule and early stopping know. `rows` were trained on in `seconds`, here and now."""
        within, self.within = cast(Within, self.within), None
        rate = self._rate(self.steps - 1)
        self.epoch += 1
        train_loss = within.loss / self.n
        with np.errstate(over="ignore", invalid="ignore"):
            measured = {} if self.validation is None else self.model.evaluate(*self.validation)
        watched = measured.get("loss", train_loss)
        if not math.isfinite(watched):  # the last step may have gone too far for any to come after it and tell
            raise DivergenceError(self.epoch, self.steps, watched)
        self.schedule.observe(watched)
        if self.stopping:
            self.stopping.observe(self.epoch, watched, self.network)
        return EpochReport(
            epoch=self.epoch, epochs=self.epochs, train_loss=train_loss,
            train_accuracy=within.right / self.n if self.model.task == "classification" else None,
            validation_loss=measured.get("loss"), validation_accuracy=measured.get("accuracy"), learning_rate=rate,
            seconds=seconds, samples_per_second=rows / seconds, snapshot=self.snapshot,
        )  # fmt: skip

    def snapshot(self) -> TrainingState:
        """Copies of all that `restore` needs."""
        arrays = {"parameters": self.network.parameters.copy(), "statistics": self.network.statistics.copy()}
        arrays |= {f"moment.{name}": moment.copy() for name, moment in self.optimizer.moments.items()}
        facts: dict[str, Any] = {
            "steps": self.optimizer.steps, "generator": generator_state(self.rng), "schedule": self.schedule.state(),
            "optimizer": self.optimizer.kind,
        }  # fmt: skip
        if self.within is not None:
            facts["within"] = asdict(self.within)
        if self.stopping:
            arrays |= {f"best.{name}": array for name, array in self.stopping.best.items()}
            facts["early_stopping"] = self.stopping.facts()
        return TrainingState(self.epoch, arrays, facts)

    def restore(self, state: TrainingState) -> None:
        """Go on where the state was taken; FormatError when it is of another network or optimizer."""
        holders = {"parameters": self.network.parameters, "statistics": self.network.statistics}
        holders |= {f"moment.{name}": moment for name, moment in self.optimizer.moments.items()}
        try:
            chosen = state.facts["early_stopping"]["best_epoch"] if self.stopping else 0  # 0: no epoch is over yet
            best = {name: state.arrays[f"best.{name}"] for name in ("parameters", "statistics")} if chosen else {}
            for name, array in [*holders.items(), *((f"best.{n}", holders[n]) for n in best)]:
                came = state.arrays[name]
                if came.shape != array.shape or came.dtype != array.dtype:
                    raise FormatError(
                        f"training state: expected {name} of {array.dtype} {array.shape}, got {came.dtype} {came.shape}"
                    )
            self.optimizer.steps = state.facts["steps"]
            if state.facts["optimizer"] != self.optimizer.kind:
                raise FormatError(
                    f"training state: expected one of {self.optimizer.kind}, got {state.facts['optimizer']}"
                )
            self.schedule.restore(state.facts["schedule"])
            if self.stopping:
                self.stopping.restore(state.facts["early_stopping"], best)
            restore_generator(self.rng, state.facts["generator"])
            self.within = Within(**state.facts["within"]) if "within" in state.facts else None
        except KeyError as error:
            raise FormatError(f"training state: expected the entry {error}, got none") from None
        for name, array in holders.items():
            array[...] = state.arrays[name]
        self.epoch = state.epoch
