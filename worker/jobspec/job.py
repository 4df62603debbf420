"""The body of `POST /v1/jobs`."""

import math
import secrets
from typing import Annotated, Any, Final, Literal, Self, cast

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    StrictBool,
    StrictStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from worker.jobspec.catalogue import CATALOGUE
from worker.jobspec.choices import (
    OPTIMIZERS,
    SCHEDULES,
    Activation,
    Augmentation,
    ClassWeights,
    EarlyStopping,
    Initializer,
    Layer,
    Loss,
    Optimizer,
    Preprocessing,
    PresetName,
    Schedule,
    TrainingOptions,
    Width,
)
from worker.jobspec.presets import PRESETS, SHORTHAND, deep_merge, merge
from worker.jobspec.teacher import Teacher
from worker.jobspec.types import Fraction, Part

MAX_METADATA: Final = 16

MOST_MEMBERS: Final = CATALOGUE["layers"]["members"]["options"]["count"]["maximum"]
MOST_EMBEDDED: Final = CATALOGUE["layers"]["embedding"]["options"]["units"]["maximum"]

REGRESSION_OPTIMIZER: Final = OPTIMIZERS["adam"](name="adam", learning_rate=0.003)
"""Squared errors have slopes without bound, unlike cross-entropy: at SGD's rate of 0.1 a network soon answers
with the mean for every input."""


WHICH_ROWS: Final = frozenset({"class_weights", "samples"})
"""Fields of `training` that say nothing of how the network learns."""

WEIGHTED: Final = "cross_entropy"
"""The loss that classes may have weights in, and the usual one."""


class ModelSpec(Part):
    """The network, from the data's features to its classes or numbers; the output layer is added by itself."""

    layers: list[Layer] | None = Field(
        None, max_length=100, description="the hidden layers one by one, in place of `hidden_layers`"
    )
    hidden_layers: list[Width] | None = Field(
        [128, 64], max_length=32, description="widths of dense hidden layers; null where `layers` are listed"
    )
    activation: Activation | None = Field("relu", description="after each of the `hidden_layers`")
    dropout: Fraction | None = Field(
        0.0, description="share of each of the `hidden_layers`' outputs that a training step leaves out"
    )
    members: Annotated[int, Field(strict=True, ge=1, le=MOST_MEMBERS)] | None = Field(
        1,
        description="of an ensemble in one network: the `hidden_layers` are shared, each member has an output layer, "
        "and the mean of what they say is the answer",
    )
    embedding: Annotated[int, Field(strict=True, ge=0, le=MOST_EMBEDDED)] | None = Field(
        0, description="numbers that each column becomes before the `hidden_layers`; 0: its features go in as they are"
    )
    initializer: Initializer = Field(
        "he_normal",
        description="of the `hidden_layers`, and of the output layer in classification; in a regression that begins at "
        "zero, so that the first answer is the mean of the targets",
    )
    bias: StrictBool = Field(True, description="of the `hidden_layers` and of the output layer")
    preprocessing: Preprocessing | None = Field(
        None,
        description="of the numbers that go in; null: bytes to 0 … 1, others to mean 0 and variance 1; "
        "`deslant`: images to 0 … 1, then set upright; `piecewise_linear`: each number as its share of bins",
    )

    @model_validator(mode="before")
    @classmethod
    def _layers_need_no_shorthand(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("layers") is not None:
            return dict.fromkeys(SHORTHAND) | given
        return given

    @field_validator(*SHORTHAND)
    @classmethod
    def _said_in_one_way(cls, value: Any, info: ValidationInfo) -> Any:
        """`layers` or the shorthand for them; what is not used is null."""
        listed = info.data.get("layers") is not None
        if listed and value is not None:
            raise ValueError("expected null beside layers, which say it already")
        if value is None and "layers" in info.data and not listed:
            raise ValueError("expected a value, or layers in its place")
        return value


class TrainingSpec(TrainingOptions):
    """How the network learns."""

    loss: Loss | None = Field(
        None,
        description="null: "
        + ", ".join(f"{n} for {row['usual_for']}" for n, row in CATALOGUE["losses"].items() if "usual_for" in row),
    )
    class_weights: ClassWeights | None = Field(
        None,
        description="what each class counts in the loss: `balanced`, as much as any other, however few rows it has; or "
        "numbers by the names of classes, 1 for the others; null: each row as much as any other",
    )
    optimizer: Optimizer = Field(
        OPTIMIZERS["sgd"](name="sgd"),
        description=f"where none is said and the task is regression: `{REGRESSION_OPTIMIZER.name}` "
        f"with a rate of {REGRESSION_OPTIMIZER.learning_rate}",
    )
    validation_split: Fraction = Field(
        0.1, description="share of the samples for validation: not learned from, they steer the training"
    )
    samples: Literal["train", "all"] = Field(
        "train", description="`all` trains on the test part too, as the article does; then there is no test accuracy"
    )
    schedule: Schedule = SCHEDULES["cosine"](name="cosine")
    early_stopping: EarlyStopping | None = None
    augmentation: Augmentation | None = None
    teacher: Teacher | None = Field(None, description="models to learn from, in place of the labels")

    @field_validator("optimizer", mode="before")
    @classmethod
    def _sgd_unless_named(cls, given: Any) -> Any:
        return {"name": "sgd"} | given if isinstance(given, dict) else given

    @model_validator(mode="after")
    def _early_stopping_needs_validation(self) -> Self:
        if self.early_stopping is not None and self.validation_split == 0:
            raise ValueError("early_stopping needs a validation_split above 0")
        return self

    @model_validator(mode="after")
    def _class_weights_have_a_loss(self) -> Self:
        if self.class_weights is None:
            return self
        if self.teacher is not None:
            raise ValueError("class_weights: expected null beside a teacher, whose answers are learned")
        if self.loss is not None and self.loss.name != WEIGHTED:
            raise ValueError(f"class_weights: expected the loss {WEIGHTED!r} or null with it, got {self.loss.name!r}")
        if self.loss is not None and self.loss.class_weights is not None:
            raise ValueError("class_weights: expected it once, for the training or for the loss")
        return self

    @model_validator(mode="after")
    def _a_teacher_says_what_is_wanted(self) -> Self:
        if self.teacher is not None and self.loss is not None:
            raise ValueError(f"loss: expected null beside a teacher, whose answers are learned, got {self.loss.name!r}")
        return self

    @model_validator(mode="after")
    def _parts_fit_the_training(self) -> Self:
        """A part's option that is less than one of the training's; and what both have is said once."""
        for part, row in (("schedule", self.schedule), ("optimizer", self.optimizer)):
            for name, option in row.options.items():
                bound = option.get("less_than")
                if bound is not None and getattr(row, name) >= getattr(self, bound):
                    raise ValueError(f"{part}: expected a {name} shorter than the {getattr(self, bound)} {bound}")
                if name in self.options and getattr(row, name) and getattr(self, name):
                    raise ValueError(f"{name}: expected it once, for the training or for {row.name}")
        return self


class JobSpec(Part):
    """A job's request. Every field but `dataset` has a default."""

    dataset: Annotated[StrictStr, Field(max_length=100)]
    preset: PresetName | None = Field(
        None,
        description="other defaults by name: "
        + "; ".join(f"`{name}`: {row['about']}" for name, row in PRESETS.items()),
    )
    name: Annotated[StrictStr, Field(min_length=1, max_length=200)] | None = None
    metadata: dict[
        Annotated[StrictStr, Field(min_length=1, max_length=64)], Annotated[StrictStr, Field(max_length=512)]
    ] = Field(default_factory=dict, max_length=MAX_METADATA)
    seed: Annotated[int, Field(strict=True, ge=0, lt=2**32)] = Field(
        default_factory=lambda: secrets.randbits(32),
        description="drawn when it is not given; the same seed, the same run",
    )
    model: ModelSpec = ModelSpec()
    training: TrainingSpec = TrainingSpec()

    _given: dict[str, Any] = PrivateAttr(default_factory=dict)
    """The request, before anything was laid under it."""

    @model_validator(mode="wrap")
    @classmethod
    def _start_from_preset(cls, given: Any, check: ModelWrapValidatorHandler[Self]) -> Self:
        """Lay what was given over the preset's defaults."""
        if not isinstance(given, dict):
            return check(given)
        preset = PRESETS.get(name) if isinstance(name := given.get("preset"), str) else None
        spec = check(given if preset is None else deep_merge(preset["spec"], given))
        spec._given = given  # noqa: SLF001  # an object of this very class
        return spec

    def suited_to_tables(self) -> Self:
        """The same job with the preset for tables, where the request leaves model and training to the service, save
        what says which rows count.
        """
        training = self._given.get("training", {}).keys() - WHICH_ROWS
        if self.preset not in (None, "standard") or "model" in self._given or training:
            return self
        return self.model_validate(self._given | {"preset": "table", "seed": self.seed})

    def sized_for(self, rows: int) -> Self:
        """The same job, with the defaults that its preset has for a data set of so many training rows."""
        sizes = PRESETS[self.preset].get("sizes", ()) if self.preset else ()
        fitting = [size["spec"] for size in sizes if size["from"] <= rows < (size["below"] or math.inf)]
        if not fitting:
            return self
        preset = merge(PRESETS[cast(str, self.preset)]["spec"], fitting[0])
        return self.model_validate(deep_merge(preset, self._given) | {"seed": self.seed})

    def taught_by(self, teacher: Teacher) -> Self:
        """The same job with this teacher."""
        return self._with_training(teacher=teacher)

    def with_task_defaults(self, task: str) -> Self:
        """The same job, with the optimizer that suits the task where none was said."""
        if task != "regression" or "optimizer" in self.training.model_fields_set:
            return self
        return self._with_training(optimizer=REGRESSION_OPTIMIZER)

    def _with_training(self, **changed: Part) -> Self:
        return self.model_copy(update={"training": self.training.model_copy(update=changed)})
