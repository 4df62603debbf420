"""The body of `POST /v1/jobs`."""

import secrets
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, StrictBool, StrictStr, field_validator, model_validator

from worker.spec.optimizers import SGD, AdamW, Optimizer
from worker.spec.parts import Epochs, Fraction, NotNegative, Part, Positive, Width
from worker.spec.presets import PRESETS, merge
from worker.spec.schedules import Cosine, Schedule

MAX_METADATA: Final = 16

Activation = Literal["elu", "gelu", "leaky_relu", "linear", "relu", "sigmoid", "silu", "softplus", "tanh"]
Initializer = Literal[
    "article",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
    "zeros",
]


class ModelSpec(Part):
    """The network: a multilayer perceptron from the data's features to its classes."""

    hidden_layers: list[Width] = Field([128, 64], max_length=32, description="widths of the hidden layers")
    activation: Activation = "relu"
    initializer: Initializer = "he_normal"
    dropout: Fraction = Field(0.0, description="share of each hidden layer's outputs that a training step leaves out")
    bias: StrictBool = True


class EarlyStopping(Part):
    """Stop when the validation loss has not fallen for `patience` epochs, and keep the best weights."""

    patience: Epochs = 5


class TrainingSpec(Part):
    """How the network learns."""

    loss: Literal["cross_entropy", "mean_squared_error"] = "cross_entropy"
    optimizer: Optimizer = SGD(name="sgd")
    batch_size: Annotated[int, Field(strict=True, ge=1, le=65_536)] = 128
    epochs: Epochs = 10
    validation_split: Fraction = Field(0.1, description="share of the samples that is held out to validate")
    samples: Literal["train", "all"] = Field(
        "train", description="`all` trains on the test part too, as the article does; then there is no test accuracy"
    )
    shuffle: StrictBool = Field(True, description="a new order in each epoch")
    weight_decay: NotNegative = Field(0.0, description="decoupled: each step takes this share of its rate off")
    l1: NotNegative = Field(0.0, description="penalty on the absolute values of the weights")
    l2: NotNegative = Field(0.0, description="penalty on the squares of the weights, halved")
    clip_norm: Positive | None = Field(None, description="longest gradient; a longer one is shortened to it")
    schedule: Schedule = Cosine(name="cosine")
    early_stopping: EarlyStopping | None = None
    augmentation: None = Field(None, description="none yet")

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
    def _warm_up_ends(self) -> Self:
        if isinstance(self.schedule, Cosine) and self.schedule.warmup >= self.epochs:
            raise ValueError(f"schedule: expected a warmup shorter than the {self.epochs} epochs")
        return self

    @model_validator(mode="after")
    def _weights_decay_once(self) -> Self:
        if isinstance(self.optimizer, AdamW) and self.optimizer.weight_decay and self.weight_decay:
            raise ValueError("weight_decay: expected it once, for the training or for adamw")
        return self


class JobSpec(Part):
    """A job's request. Every field but `dataset` has a default."""

    dataset: Annotated[StrictStr, Field(max_length=100)]
    preset: Literal["article"] | None = None
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

    @model_validator(mode="before")
    @classmethod
    def _start_from_preset(cls, given: Any) -> Any:
        """Lay what was given over the preset's defaults."""
        if not isinstance(given, dict) or not isinstance(given.get("preset"), str):
            return given
        preset = PRESETS.get(given["preset"])
        return given if preset is None else merge(preset, given)
