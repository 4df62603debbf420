"""How the learning rate goes over the epochs: the schedules of `nn.schedules`, with their defaults."""

from typing import Annotated, Literal

from pydantic import Field

from worker.jobspec.types import AtLeastOne, Epochs, Fraction, NotNegative, OpenFraction, Part, Positive


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
    rise: OpenFraction = 0.3
    divide: AtLeastOne = 25.0


class ReduceOnPlateau(Part):
    """Down by the factor `gamma` when the loss has not fallen for more than `patience` epochs."""

    name: Literal["reduce_on_plateau"]
    gamma: OpenFraction = 0.1
    patience: Annotated[int, Field(strict=True, ge=0, le=10_000)] = 3


class Step(Part):
    """Down by the factor `gamma` every so many epochs."""

    name: Literal["step"]
    every: Epochs = 10
    gamma: Positive = 0.1


Schedule = Annotated[Constant | Cosine | Exponential | OneCycle | ReduceOnPlateau | Step, Field(discriminator="name")]
"""How the learning rate goes over the epochs."""
