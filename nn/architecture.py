"""From a specification to a network: lists and shorthand into layers over rows or images."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy.typing as npt

from nn import checks
from nn.arrays import Shape
from nn.errors import SpecError
from nn.layers import Embedding, Flatten, Layer, Members, layer_from
from nn.network import Network


def hidden_from(layers: Sequence[Mapping[str, Any]], widths: Sequence[int] = ()) -> list[Layer]:
    """The layers of a list, with a flatten at its end where there are images and none is listed; SpecError.

    `widths`: how many features each column of the data becomes, for embeddings that do not say it.
    """
    if isinstance(layers, str | Mapping) or not isinstance(layers, Sequence):
        raise SpecError(f"layers: expected a list of layers, got {layers!r}")
    hidden = [layer_from(entry) for entry in layers]
    for layer in hidden:
        if isinstance(layer, Embedding) and layer.widths is None:
            layer.widths = list(widths)
    if any(layer.takes == "images" for layer in hidden) and not any(isinstance(layer, Flatten) for layer in hidden):
        hidden.append(Flatten())
    return hidden


def expand_shorthand(
    sizes: Sequence[int],
    activation: str,
    initializer: str,
    dropout: float,
    bias: bool,
    members: int = 1,
    embedding: int = 0,
) -> list[dict[str, Any]]:
    """Sizes of dense layers, spelled out, behind an embedding and members where there are any."""
    if isinstance(sizes, str) or not isinstance(sizes, Sequence):
        raise SpecError(f"hidden_layers: expected a list of sizes, got {sizes!r}")
    dropout = checks.real(dropout, "dropout", below=1.0)
    layers: list[dict[str, Any]] = []
    if checks.integer(embedding, "embedding", least=0):
        layers.append({"type": "embedding", "units": embedding})
    if checks.integer(members, "members", least=1) > 1:
        layers.append({"type": "members", "count": members})
    for units in sizes:
        layers += [{"type": "dense", "units": units, "bias": bias, "initializer": initializer}, {"type": activation}]
        if dropout:
            layers.append({"type": "dropout", "rate": dropout})
    return layers


def output_layer(hidden: Sequence[Layer], options: Mapping[str, Any]) -> Layer:
    """A dense layer; behind `members` one for each of them."""
    ensemble = any(isinstance(layer, Members) for layer in hidden)
    return layer_from({"type": "member_dense" if ensemble else "dense", **options})


def network_of(layers: Sequence[Layer], input_shape: Shape, dtype: npt.DTypeLike, *, kernels: bool = True) -> Network:
    """A network over rows, or over images of (height, width, channels) where a layer wants them."""
    if not any(layer.takes == "images" for layer in layers):
        return Network(layers, (math.prod(input_shape),), dtype, kernels=kernels)
    if len(input_shape) not in (2, 3):
        raise SpecError(f"layers: expected images for a convolution or pooling, got rows of shape {input_shape}")
    return Network(layers, (*input_shape, 1)[:3], dtype, kernels=kernels)


def output_units(output: str, task: str, classes: int) -> int | None:
    """Numbers that the output layer has for each row: one a class, or one in all; None where the targets say it."""
    if task == "regression":
        return None
    return 1 if output == "sigmoid" else classes
