"""What training makes small: the losses of `nn.losses`, with their options.

A loss is written as its name, or as an object with its name and options; it is answered in the shorter form that says
all. Which task a loss can train is known when the data is read.
"""

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, PlainSerializer

from worker.jobspec.types import Fraction, Part, Positive

LossName = Literal["binary_cross_entropy", "cross_entropy", "huber", "mean_absolute_error", "mean_squared_error"]


class CrossEntropy(Part):
    """How surprised the model is by the true class; for two classes and more."""

    name: Literal["cross_entropy"]
    label_smoothing: Fraction = Field(0.0, description="share of certainty that is spread over all classes")
    class_weights: list[Positive] | None = Field(
        None, min_length=2, max_length=8192, description="how much each class counts, one number a class"
    )


class Huber(Part):
    """Squared for small errors, absolute beyond `delta`; for regression, in standard deviations of the target."""

    name: Literal["huber"]
    delta: Positive = 1.0


class PlainLoss(Part):
    """Losses without options."""

    name: Literal["binary_cross_entropy", "mean_absolute_error", "mean_squared_error"]


AnyLoss = Annotated[CrossEntropy | Huber | PlainLoss, Field(discriminator="name")]


def _spelled_out(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    if given not in get_args(LossName):
        raise ValueError(f"expected one of {', '.join(map(repr, get_args(LossName)))}")
    return {"name": given}


def _shortened(loss: CrossEntropy | Huber | PlainLoss) -> str | dict[str, Any]:
    options = loss.model_dump()
    return loss.name if loss == type(loss).model_validate({"name": loss.name}) else options


Loss = Annotated[
    AnyLoss, BeforeValidator(_spelled_out, json_schema_input_type=LossName | AnyLoss), PlainSerializer(_shortened)
]
