"""The layers, one small file each, and the table that names them in a specification."""

from collections.abc import Mapping
from typing import Any

from nn import checks, registry
from nn.activations import ACTIVATIONS
from nn.errors import SpecError
from nn.layers.activation import ActivationLayer
from nn.layers.base import Layer
from nn.layers.batch_norm import BatchNorm
from nn.layers.conv import Conv2D
from nn.layers.dense import Dense
from nn.layers.dropout import Dropout
from nn.layers.embedding import Embedding
from nn.layers.flatten import Flatten
from nn.layers.member_dense import MemberDense
from nn.layers.members import Members
from nn.layers.pooling import AveragePooling2D, MaxPooling2D

LAYERS: dict[str, type[Layer]] = registry.classes(__name__, Layer)

__all__ = [
    "LAYERS",
    "ActivationLayer",
    "AveragePooling2D",
    "BatchNorm",
    "Conv2D",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "Layer",
    "MaxPooling2D",
    "MemberDense",
    "Members",
    "layer_from",
]


def layer_from(config: Mapping[str, Any]) -> Layer:
    """A layer from its specification, such as {"type": "dense", "units": 128} or {"type": "relu"}; SpecError."""
    if not isinstance(config, Mapping) or "type" not in config:
        raise SpecError(f'layer: expected an object with a "type", got {config!r}')
    options = {key: value for key, value in config.items() if key != "type"}
    kind = config["type"]
    checks.lookup({**LAYERS, **ACTIVATIONS}, kind, "layer type")
    if kind in ACTIVATIONS:
        checks.known_keys(options, (), kind)
        return ActivationLayer(kind)
    return LAYERS[kind](**options)
