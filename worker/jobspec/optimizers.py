"""How a gradient becomes a step: the optimizers of `nn.optimizers`, with their defaults."""

from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, model_validator

from worker.jobspec.types import Fraction, NotNegative, Part, Positive


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


class AdaGrad(Part):
    """Each weight's rate falls with the squares of all its gradients."""

    name: Literal["adagrad"]
    learning_rate: Positive = 0.01
    epsilon: Positive = 1e-10


class RMSprop(Part):
    """Each weight's rate follows a running mean of its squared gradients."""

    name: Literal["rmsprop"]
    learning_rate: Positive = 0.001
    rho: Fraction = 0.99
    epsilon: Positive = 1e-8


class Adam(Part):
    """Running means of the gradients and of their squares, both corrected for their start at zero."""

    name: Literal["adam"]
    learning_rate: Positive = 0.001
    beta1: Fraction = 0.9
    beta2: Fraction = 0.999
    epsilon: Positive = 1e-8


class AdamW(Part):
    """Adam with weight decay beside the gradient, not inside it."""

    name: Literal["adamw"]
    learning_rate: Positive = 0.001
    beta1: Fraction = 0.9
    beta2: Fraction = 0.999
    epsilon: Positive = 1e-8
    weight_decay: NotNegative = 0.01


Optimizer = Annotated[SGD | AdaGrad | RMSprop | Adam | AdamW, Field(discriminator="name")]
