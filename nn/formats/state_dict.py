"""Models of other programs: a plain state dict, and beside it what its file does not say.

The architecture may be as short as {"input_shape": [784], "layers": [{"type": "dense", "units": 128}, {"type": "relu"},
{"type": "dense", "units": 10}]}: the layers of a `torch.nn.Sequential` in its order, so that layer 2 is what the file
calls "2.weight", the output layer and every activation, dropout and flatten included.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nn import checks
from nn.errors import FormatError, SpecError
from nn.layers.base import MAX_UNITS
from nn.losses import LOSSES
from nn.preprocessing.scaling import none

KEYS = ("classes", "input_shape", "layers", "loss", "output", "preprocessing", "targets", "task")
COUNTERS = "num_batches_tracked"
"""PyTorch's batch normalisation counts its batches; nothing is computed from it."""
UNSCALED: Mapping[str, Any] = none(np.zeros(0)).config()


def completed(architecture: Mapping[str, Any]) -> dict[str, Any]:
    """The architecture with its defaults: classification of classes "0", "1", …, numbers taken as they are.

    `input_shape` and `layers` are required. `preprocessing` may be "none", "bytes" (by 1/255), or an object as a saved
    model has it. FormatError.
    """
    if not isinstance(architecture, Mapping):
        raise FormatError(f"architecture: expected an object, got {architecture!r}")
    try:
        checks.known_keys(architecture, KEYS, "architecture")
    except SpecError as error:
        raise FormatError(str(error)) from None
    complete = {key: value for key, value in architecture.items() if value is not None}
    layers = complete.get("layers")
    if not isinstance(layers, list) or not layers or not isinstance(layers[-1], Mapping):
        raise FormatError(f"architecture: expected layers, the last being the output layer, got {layers!r}")
    outputs = layers[-1].get("units", 1)
    if isinstance(outputs, int) and outputs > MAX_UNITS:  # before each of them gets a name
        raise FormatError(f"architecture: expected at most {MAX_UNITS} units, got {outputs}")
    task = complete.setdefault("task", "classification")
    if task == "classification":
        count = max(outputs, 2) if isinstance(outputs, int) else 2
        complete.setdefault("classes", [str(k) for k in range(count)])
        complete.setdefault("loss", {"name": "binary_cross_entropy" if outputs == 1 else "cross_entropy"})
    else:
        complete.setdefault("classes", [])
        complete.setdefault("loss", {"name": "mean_squared_error"})
    if isinstance(complete["loss"], str):
        complete["loss"] = {"name": complete["loss"]}
    loss = LOSSES.get(str(complete["loss"].get("name"))) if isinstance(complete["loss"], Mapping) else None
    complete.setdefault(
        "output", loss.output.get(str(task), "linear") if loss else "linear"
    )  # a bad loss is refused later
    preprocessing = complete.get("preprocessing", "none")
    if isinstance(preprocessing, str):
        if preprocessing not in ("none", "bytes"):
            raise FormatError(
                f'architecture: expected preprocessing "none", "bytes" or an object, got {preprocessing!r}'
            )
        complete["preprocessing"] = {**UNSCALED, "factor": 1 / 255 if preprocessing == "bytes" else 1.0}
    return {"targets": UNSCALED, **complete}
