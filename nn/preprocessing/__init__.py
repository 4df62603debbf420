"""Preprocessing that belongs to the model: it is saved with it, and applied at prediction as it was in training."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeAlias

import numpy as np

from nn import checks
from nn.data.dataset import Dataset
from nn.data.rows import check_range
from nn.errors import FormatError, SpecError
from nn.preprocessing.deslanting import Deslanting, fit_deslanting
from nn.preprocessing.encodings import Fit, PiecewiseLinear, Scaled
from nn.preprocessing.numbers import Numbers
from nn.preprocessing.scaling import SCALINGS, Scaling, fit_scaling
from nn.preprocessing.table import Table, fit_table

__all__ = [
    "PREPROCESSING",
    "Deslanting",
    "Numbers",
    "Preprocessing",
    "Scaling",
    "Table",
    "fit_preprocessing",
    "fit_scaling",
    "preprocessing_from",
    "widths_of",
]

Preprocessing: TypeAlias = Scaling | Table | Numbers | Deslanting


@dataclass(frozen=True)
class Preparation:
    """A row of `PREPROCESSING`: what measures it on the training rows of a data set, and what data it needs."""

    fit: Callable[[Dataset], Preprocessing]
    says: str
    needs: Literal["images", "rows"] | None = None


def _fit_scaling(kind: str, data: Dataset) -> Preprocessing:
    return _encode(partial(Scaled.fit, kind), data) if data.columns else fit_scaling(kind, data.x_train)


def _encode(numbers: Fit, data: Dataset) -> Preprocessing:
    if len(data.input_shape) > 1:
        raise SpecError(f"preprocessing: expected rows of numbers for it, got images of {data.input_shape}")
    if not data.columns:
        return Numbers(numbers(data.x_train))
    return fit_table(numbers, data.x_train, data.columns, target=data.target, left_out=data.left_out)


PREPROCESSING: dict[str, Preparation] = {
    **{name: Preparation(partial(_fit_scaling, name), str(f.__doc__)) for name, f in SCALINGS.items()},
    Deslanting.kind: Preparation(fit_deslanting, "Bytes to 0 … 1, then each image set upright.", needs="images"),
    PiecewiseLinear.kind: Preparation(
        partial(_encode, PiecewiseLinear.fit),
        "Each number as how far it has come through each of its column's bins, and whether it is missing.",
        needs="rows",
    ),
}


def fit_preprocessing(kind: str | None, data: Dataset) -> Preprocessing:
    """Measured on the training rows. `kind` is in `PREPROCESSING`; None: bytes by 1/255, other numbers standardised."""
    x = data.x_train
    if not data.columns:
        check_range(x, np.float32, "x_train")
    if kind is None:
        kind = "scale" if x.dtype == np.uint8 else "standardize"
    return checks.lookup(PREPROCESSING, kind, "preprocessing").fit(data)


def preprocessing_from(config: Mapping[str, Any], columns: int) -> Preprocessing:
    """Rebuild from its `config()`, for rows of this many numbers; FormatError."""
    if not isinstance(config, Mapping):
        raise FormatError(f"preprocessing: expected an object, got {config!r}")
    kinds: dict[Any, type[Preprocessing]] = {kind.kind: kind for kind in (Table, Numbers, Deslanting)}
    kind = config.get("kind")
    return (kinds.get(kind, Scaling) if isinstance(kind, str) else Scaling).from_config(config, columns)


def widths_of(preprocessing: Preprocessing, inputs: int) -> list[int]:
    """How many features each of so many inputs becomes."""
    return list(preprocessing.widths) if isinstance(preprocessing, Table | Numbers) else [1] * inputs
