"""Scaled numbers: each as it is, on the same footing as all others (`nn.preprocessing.scaling`)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nn.arrays import AnyArray
from nn.data.columns import Column
from nn.errors import FormatError
from nn.preprocessing.encodings.base import Encoding
from nn.preprocessing.scaling import Scaling, fit_scaling


class Scaled(Encoding):
    """X′ = (v − shift) · factor; a missing number takes the median of its column's training rows."""

    kind = "scaled"

    def __init__(self, fill: AnyArray, scaling: Scaling) -> None:
        """`fill`: (columns,), and the scaling has one number for each column, or one for all."""
        self.fill, self.scaling = np.asarray(fill, np.float64), scaling
        self.widths = [1] * len(self.fill)

    @classmethod
    def fit(cls, kind: str, x: AnyArray) -> "Scaled":
        """Measured on the training rows x: (n, columns), by the scaling called `kind`."""
        fill = medians(x)
        return cls(fill, fit_scaling(kind, np.where(np.isnan(x), fill, x)))

    def __call__(self, v: AnyArray) -> AnyArray:
        return (np.where(np.isnan(v), self.fill, v) - self.scaling.shift) * self.scaling.factor

    def config(self) -> dict[str, Any]:
        return {"kind": self.kind, "fill": self.fill.tolist(), "scaling": self.scaling.config()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], columns: Sequence[Column]) -> "Scaled":
        return cls(fills_from(config, columns), Scaling.from_config(config["scaling"], len(columns)))


def medians(x: AnyArray) -> AnyArray:
    """(columns,) of x: (n, columns): the median of what is there; 0 of a column of nothing but missing values."""
    fill = np.zeros(x.shape[1])
    for place, values in enumerate(x.T):
        known = values[~np.isnan(values)]
        if len(known):
            fill[place] = np.median(known)
    return fill


def fills_from(config: Mapping[str, Any], columns: Sequence[Column]) -> AnyArray:
    """The numbers to fill in, from a config; FormatError."""
    fill = np.asarray(config["fill"], np.float64)
    if fill.shape != (len(columns),) or not np.isfinite(fill).all():
        raise FormatError(
            f"preprocessing: expected a finite number to fill in for each of {len(columns)} numeric columns, "
            f"got {fill.shape}"
        )
    return fill
