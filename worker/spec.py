"""What a job asks for: the body of `POST /v1/jobs`, checked whole before anything is written.

The names here (activations, losses, optimizers, …) are those of the tables in `nn`; the API must not import NumPy, so
they stand here again, and a test holds the two equal.
"""

import secrets
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr, model_validator

BUILT_IN_DATASETS: Final = ("mnist",)

ARTICLE: Final[dict[str, Any]] = {
    "model": {
        "hidden_layers": [128, 64],
        "activation": "sigmoid",
        "initializer": "article",
        "bias": False,
        "dropout": 0.0,
    },
    "training": {
        "loss": "mean_squared_error",
        "optimizer": {"name": "sgd", "learning_rate": 0.001, "momentum": 0.0, "nesterov": False},
        "batch_size": 1,
        "epochs": 10,
        "samples": "all",
        "shuffle": False,
        "validation_split": 0.15,
        "schedule": {"name": "constant"},
    },
}
"""Casper Hansen, "Neural Network From Scratch with NumPy and MNIST": its network, its data, its loop."""

PRESETS: Final[dict[str, dict[str, Any]]] = {"article": ARTICLE}
"""Defaults by name. What the request says itself goes before them."""

MAX_METADATA: Final = 16

Real = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Fraction = Annotated[float, Field(strict=True, ge=0, lt=1)]
Width = Annotated[int, Field(strict=True, ge=1, le=8192)]
Positive = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]


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


class Part(BaseModel):
    """A part of a spec: unknown fields are refused, types are not guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelSpec(Part):
    """The network: a multilayer perceptron from the data's features to its classes."""

    hidden_layers: list[Width] = Field([128, 64], max_length=32, description="widths of the hidden layers")
    activation: Activation = "relu"
    initializer: Initializer = "he_normal"
    dropout: Fraction = Field(0.0, description="share of each hidden layer's outputs that a training step leaves out")
    bias: StrictBool = True


class SGD(Part):
    """Stochastic gradient descent, with momentum or without."""

    name: Literal["sgd"] = "sgd"
    learning_rate: Positive = 0.1
    momentum: Fraction = 0.9
    nesterov: StrictBool = False

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> Self:
        if self.nesterov and self.momentum == 0:
            raise ValueError("nesterov needs a momentum above 0")
        return self


class Constant(Part):
    """The learning rate stays."""

    name: Literal["constant"]


class Cosine(Part):
    """Up over `warmup` epochs, then down along half a cosine to `floor` of it."""

    name: Literal["cosine"]
    warmup: NotNegative = 0.0
    floor: Fraction = 0.0


class Exponential(Part):
    """Down by the factor `gamma` an epoch, a little at every step."""

    name: Literal["exponential"]
    gamma: Positive = 0.95


class OneCycle(Part):
    """From a `divide`-th of it up over the fraction `rise` of all steps, then down to almost nothing."""

    name: Literal["one_cycle"]
    rise: Annotated[float, Field(strict=True, gt=0, lt=1)] = 0.3
    divide: Annotated[float, Field(strict=True, ge=1, allow_inf_nan=False)] = 25.0


class ReduceOnPlateau(Part):
    """Down by the factor `gamma` when the loss has not fallen for more than `patience` epochs."""

    name: Literal["reduce_on_plateau"]
    gamma: Annotated[float, Field(strict=True, gt=0, lt=1)] = 0.1
    patience: Annotated[int, Field(strict=True, ge=0, le=10_000)] = 3


class Step(Part):
    """Down by the factor `gamma` every so many epochs."""

    name: Literal["step"]
    every: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 10
    gamma: Positive = 0.1


Schedule = Annotated[Constant | Cosine | Exponential | OneCycle | ReduceOnPlateau | Step, Field(discriminator="name")]
"""How the learning rate goes over the epochs."""


class EarlyStopping(Part):
    """Stop when the validation loss has not fallen for `patience` epochs, and keep the best weights."""

    patience: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 5


class TrainingSpec(Part):
    """How the network learns."""

    loss: Literal["cross_entropy", "mean_squared_error"] = "cross_entropy"
    optimizer: SGD = SGD()
    batch_size: Annotated[int, Field(strict=True, ge=1, le=65_536)] = 128
    epochs: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 10
    validation_split: Fraction = Field(0.1, description="share of the samples that is held out to validate")
    samples: Literal["train", "all"] = Field(
        "train", description="`all` trains on the test part too, as the article does; then there is no test accuracy"
    )
    shuffle: StrictBool = Field(True, description="a new order in each epoch")
    weight_decay: NotNegative = 0.0
    schedule: Schedule = Cosine(name="cosine")
    early_stopping: EarlyStopping | None = None
    augmentation: None = Field(None, description="none yet")

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


def merge(defaults: Any, given: Any) -> Any:
    """`given` over `defaults`, field by field; whatever is not an object replaces the default whole."""
    if not isinstance(defaults, dict) or not isinstance(given, dict):
        return given
    return defaults | {name: merge(defaults.get(name), value) for name, value in given.items()}
