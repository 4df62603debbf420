"""`fit`: the loop over epochs, and everything that hangs on it."""

import math
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, cast

import numpy as np

from nn.arrays import AnyArray, Indices
from nn.data.augmentation import augmentation_from
from nn.dispatch import kernel_of, kernel_steps
from nn.errors import DataError, DivergenceError, FormatError, SpecError
from nn.losses import Loss
from nn.losses.distillation import Distillation
from nn.losses.members import EachMember
from nn.model import Model
from nn.optimizers import optimizer_from
from nn.schedules import schedule_from
from nn.training.batches import Batches
from nn.training.distillation import Teacher
from nn.training.early_stopping import EarlyStopping
from nn.training.options import TrainingOptions
from nn.training.regularization import Regularization
from nn.training.report import EpochReport, History, StepReport
from nn.training.state import TrainingState, Within, generator_state, restore_generator
from nn.training.steps import BatchSteps

Rows = tuple[AnyArray, AnyArray]


def fit(
    model: Model,
    x: AnyArray,
    y: AnyArray,
    options: TrainingOptions | None = None,
    *,
    rng: np.random.Generator,
    validation: Rows | None = None,
    teacher: Teacher | None = None,
    state: TrainingState | None = None,
    on_epoch: Callable[[EpochReport], None] | None = None,
    on_step: Callable[[StepReport], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> History:
    """Train `model` on rows x: (n, …) with targets y: (n, …), in place.

    validation: rows and targets that are only measured, once an epoch; early stopping needs them. teacher: whose
    answers are learned, in place of the labels (`nn.training.distillation`). state: go on from there, bit for bit as if
    never stopped (the other arguments being the same). on_step and should_stop are called after each batch, or after
    each block of images where the batch is one image and kernels take exact steps in blocks. When should_stop answers
    true, fit returns with `history.stopped` set.

    SpecError or DataError before any training starts; DivergenceError when a loss is not finite.
    """
    training = _Training(model, x, y, options or TrainingOptions(), rng, validation, teacher)
    if state is not None:
        training.restore(state)
    return training.run(on_epoch, on_step, should_stop)


class _Training:
    """One call of `fit`: its choices, checked, and what changes while it runs."""

    def __init__(
        self,
        model: Model,
        x: AnyArray,
        y: AnyArray,
        options: TrainingOptions,
        rng: np.random.Generator,
        validation: Rows | None,
        teacher: Teacher | None,
    ) -> None:
        self.model, self.network, self.options, self.rng = model, model.network, options, rng
        optimizer = optimizer_from(options.optimizer)
        regularization = Regularization(**options.regularization)
        self.schedule = schedule_from(options.schedule, options.epochs)
        self.stopping = None if options.early_stopping is None else EarlyStopping(**options.early_stopping)
        if self.stopping and validation is None:
            raise SpecError("early_stopping: expected a validation set to watch, got none")
        x, targets = self._checked(x, y, "x")
        self.validation = None if validation is None else (self._checked(*validation, "validation")[0], validation[1])
        loss = self._loss(teacher)
        if self.model.members:
            loss = EachMember(loss)
        regularization.add_decay_of(optimizer)
        self.n, self.epoch = len(x), 0
        for layer in self.network.layers:
            layer.check_batch(min(options.batch_size, self.n))
        self.within: Within | None = None
        self.steps = math.ceil(self.n / options.batch_size)
        distort = None if options.augmentation is None else augmentation_from(options.augmentation, model.input_shape)
        self.batches = Batches(model, x, targets, distort, rng, teacher)
        steps = BatchSteps(self.network, loss, optimizer, regularization, options.batch_size, self._rate, rng)
        self.stepper = kernel_steps(steps)
        self.optimizer = self.stepper.optimizer
        self.optimizer.start(self.network.parameters, self.network.gradients)
        self.history = History()

    def _checked(self, x: AnyArray, y: AnyArray, what: str) -> Rows:
        """Rows and targets as a network takes them; DataError."""
        x = self.model.check_rows(x)
        if not len(x):
            raise DataError(f"{what}: expected at least one row, got none")
        return x, self.model.check_targets(y, len(x))

    def _loss(self, teacher: Teacher | None) -> Loss:
        """The loss to train with; SpecError."""
        loss = self.model.make_loss(self.options.loss)
        if teacher is None:
            return loss
        if self.options.loss is not None:
            raise SpecError("loss: must be null beside a teacher; the teacher's outputs are the targets")
        teacher.check_student(self.model)
        return kernel_of(Distillation(teacher), wanted=self.network.kernels)

    def _rate(self, step: int) -> float:
        """The learning rate of a step of this epoch, counted from 0."""
        return self.optimizer.learning_rate * self.schedule.factor(self.epoch + step / self.steps, self.options.epochs)

    def run(
        self,
        on_epoch: Callable[[EpochReport], None] | None,
        on_step: Callable[[StepReport], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> History:
        """The loop over epochs."""
        began = time.perf_counter()
        while self.epoch < self.options.epochs and not self._exhausted:
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
            return self.rng.permutation(self.n) if self.options.shuffle else np.arange(self.n)
        now = generator_state(self.rng)
        restore_generator(self.rng, self.within.generator)
        order = self.rng.permutation(self.n) if self.options.shuffle else np.arange(self.n)
        restore_generator(self.rng, now)
        return order

    def _epoch(
        self, order: Indices, on_step: Callable[[StepReport], None] | None, should_stop: Callable[[], bool] | None
    ) -> bool:
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
        if not math.isfinite(watched):  # no step comes after the last one, whose loss would tell that it went too far
            raise DivergenceError(self.epoch, self.steps, watched)
        self.schedule.observe(watched)
        if self.stopping:
            self.stopping.observe(self.epoch, watched, self.network)
        return EpochReport(
            epoch=self.epoch,
            epochs=self.options.epochs,
            train_loss=train_loss,
            train_accuracy=within.right / self.n if self.model.task == "classification" else None,
            validation_loss=measured.get("loss"),
            validation_accuracy=measured.get("accuracy"),
            learning_rate=rate,
            seconds=seconds,
            samples_per_second=rows / seconds,
            snapshot=self.snapshot,
        )

    def snapshot(self) -> TrainingState:
        """Copies of all that `restore` needs."""
        arrays = {"parameters": self.network.parameters.copy(), "statistics": self.network.statistics.copy()}
        arrays |= {f"moment.{name}": moment.copy() for name, moment in self.optimizer.moments.items()}
        facts: dict[str, Any] = {
            "steps": self.optimizer.steps,
            "generator": generator_state(self.rng),
            "schedule": self.schedule.state(),
            "optimizer": self.optimizer.kind,
            "kernels": self.network.kernels,
        }
        if self.within is not None:
            facts["within"] = asdict(self.within)
        if self.stopping:
            arrays |= {f"best.{name}": array for name, array in self.stopping.best.items()}
            facts["early_stopping"] = self.stopping.facts()
        return TrainingState(self.epoch, arrays, facts)

    def restore(self, state: TrainingState) -> None:
        """Go on where the state was taken; FormatError when it is of another network or optimizer."""
        kernels = state.facts.get("kernels", True)  # a state of 0.1.0 does not say: it had no other way
        if kernels is not self.network.kernels:
            raise FormatError(f"training state: expected one with kernels={self.network.kernels}, got {kernels}")
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
