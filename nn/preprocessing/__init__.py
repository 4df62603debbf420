"""Preprocessing that belongs to the model: it is saved with it, and applied at prediction as it was in training."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from nn.data.dataset import Dataset
from nn.data.rows import check_range
from nn.errors import FormatError
from nn.preprocessing.scaling import SCALINGS, Scaling, fit_scaling
from nn.preprocessing.table import Table, fit_table

__all__ = ["SCALINGS", "Preprocessing", "Scaling", "Table", "fit_preprocessing", "fit_scaling", "preprocessing_from"]

Preprocessing: TypeAlias = Scaling | Table


def fit_preprocessing(kind: str | None, data: Dataset) -> Preprocessing:
    """Measured on the training rows. `kind` is in `SCALINGS`; None: bytes by 1/255, other numbers standardised."""
    x = data.x_train
    if not data.columns:
        check_range(x, np.float32, "x_train")
    if kind is None:
        kind = "scale" if x.dtype == np.uint8 else "standardize"
    return fit_table(kind, x, data.columns) if data.columns else fit_scaling(kind, x)


def preprocessing_from(config: Mapping[str, Any], columns: int) -> Preprocessing:
    """Rebuild from its `config()`, for rows of so many numbers; FormatError."""
    if not isinstance(config, Mapping):
        raise FormatError(f"preprocessing: expected an object, got {config!r}")
    return (Table if config.get("kind") == Table.kind else Scaling).from_config(config, columns)
