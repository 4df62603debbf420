"""The layers of a network, one by one: those of `nn.layers`, with their defaults."""

from typing import Annotated, Final, Literal

from pydantic import Field, StrictBool

from worker.jobspec.types import Fraction, OpenFraction, Part, Pixels, Positive, Width

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


class ActivationLayer(Part):
    """A function of each number on its own."""

    type: Activation


class BatchNorm(Part):
    """Every feature with mean 0 and variance 1 over the batch, then a learned scale and shift."""

    type: Literal["batch_norm"]
    momentum: OpenFraction = Field(0.1, description="share of a new batch in the running means")
    epsilon: Positive = 1e-5


class Conv2D(Part):
    """A 2-D convolution; images only."""

    type: Literal["conv2d"]
    filters: Width
    kernel: Pixels = Field(description="side of the square that a filter sees")
    stride: Pixels = 1
    padding: Annotated[int, Field(strict=True, ge=0, le=1024)] = Field(0, description="zeros around the image")
    bias: StrictBool = True
    initializer: Initializer = "he_normal"


class Dense(Part):
    """Every output a weighted sum of every input."""

    type: Literal["dense"]
    units: Width
    bias: StrictBool = True
    initializer: Initializer = "he_normal"


class Dropout(Part):
    """Leaves out a share of the numbers at each training step."""

    type: Literal["dropout"]
    rate: Fraction


class Flatten(Part):
    """Images as rows; put before the output by itself where it is not listed."""

    type: Literal["flatten"]


class Pooling(Part):
    """One number, the largest or the mean, for each square of `size` × `size` pixels; images only."""

    type: Literal["average_pool2d", "max_pool2d"]
    size: Pixels = 2


Layer = Annotated[
    ActivationLayer | BatchNorm | Conv2D | Dense | Dropout | Flatten | Pooling, Field(discriminator="type")
]

SHORTHAND: Final = ("hidden_layers", "activation", "dropout")
"""What says in short what `layers` says at length."""
