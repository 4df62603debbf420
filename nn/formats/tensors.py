"""Between a model and named tensors, which both file formats share: names and layout are those of PyTorch."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nn.arrays import AnyArray
from nn.errors import FormatError, SpecError
from nn.model import Model

VERSION = 1


def tensors_of(model: Model) -> dict[str, AnyArray]:
    """Name → array as `torch.nn.Sequential.state_dict()` has them, each C-contiguous."""
    return {name: np.ascontiguousarray(array) for name, array in model.network.tensors()}


def header_of(model: Model) -> dict[str, Any]:
    """All but the tensors, JSON-able."""
    return {"version": VERSION, "architecture": model.architecture, "metadata": model.metadata}


def model_from(tensors: Mapping[str, AnyArray], header: Mapping[str, Any]) -> Model:
    """The model with these tensors; FormatError when they are not those of its architecture."""
    if "architecture" not in header:
        raise FormatError("model: expected its architecture, got none: neither in the file nor beside it")
    dtypes = {array.dtype for name, array in tensors.items() if name.endswith("weight")}
    if not dtypes <= {np.dtype(np.float32), np.dtype(np.float64)} or len(dtypes) > 1:
        raise FormatError(f"model: expected weights of float32 or float64, got {', '.join(map(str, dtypes))}")
    try:
        model = Model.from_architecture(header["architecture"], dtypes.pop() if dtypes else np.float32)
    except SpecError as error:
        raise FormatError(f"architecture: {error}") from None
    expected = dict(model.network.tensors())
    if missing := sorted(expected.keys() ^ tensors.keys()):
        raise FormatError(
            f"model: expected the tensors {', '.join(expected)}, got a difference in {', '.join(missing)}"
        )
    for name, array in expected.items():
        came = tensors[name]
        if came.shape != array.shape:
            raise FormatError(f"{name}: expected shape {array.shape}, got {came.shape}")
        if not np.isfinite(came).all():
            raise FormatError(f"{name}: expected finite numbers, got NaN or infinity")
        array[...] = came
    model.metadata = dict(header.get("metadata", {}))
    return model
