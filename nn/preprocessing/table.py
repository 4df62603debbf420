"""Tables: columns of numbers and of categories become the inputs of a network.

- A number is scaled as all numbers are (`nn.preprocessing.scaling`).
- A category becomes as many inputs as its column has categories: 1 in its own place, 0 in the others ("one-hot"), so
  that no order is claimed where there is none.
- A missing number takes the median of its column's training rows. A missing category is 0 in all places: none of them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nn.arrays import AnyArray, Array
from nn.data.columns import Column
from nn.errors import FormatError
from nn.preprocessing.scaling import Scaling, fit_scaling


class Table:
    """X′ₛ𝑓 = (v − shift𝑓) · factor𝑓 for a number v, and [v = k𝑓] for a category, where v = Xₛ,source(𝑓) or the fill.

    X: (batch, columns) float64 with codes for categories and NaN for what is missing; X′: (batch, features).
    """

    kind = "table"

    def __init__(
        self,
        columns: Sequence[Column],
        fill: Sequence[float],
        scaling: Scaling,
        *,
        target: str | None = None,
        left_out: Sequence[str] = (),
    ) -> None:
        """`fill` and `scaling` are for the numeric columns alone: one number for each. `target` and `left_out` name
        columns that came with the training rows and are no inputs.
        """
        self.columns = tuple(columns)
        self.target = target
        self.left_out = tuple(left_out)
        self.fill = np.asarray(fill, np.float64)
        self.scaling = scaling
        self.features = sum(column.features for column in columns)
        widths = [column.features for column in columns]
        self.source = np.repeat(np.arange(len(columns)), widths)
        self.one_hot = np.repeat([column.kind == "categorical" for column in columns], widths)
        # One row of constants for each kind of feature: what is filled in, what is taken off, what is multiplied.
        numeric = ~self.one_hot
        self.fills = np.full(self.features, -1.0)
        self.shift = np.concatenate([np.arange(width, dtype=np.float64) for width in widths])
        self.factor = np.ones(self.features)
        self.fills[numeric], self.shift[numeric], self.factor[numeric] = self.fill, scaling.shift, scaling.factor

    @property
    def ignored(self) -> tuple[str, ...]:
        """Names of columns that may come with rows and are no inputs."""
        return (*self.left_out, *([] if self.target is None else [self.target]))

    def __call__(self, x: AnyArray, out: Array) -> Array:
        """Encode rows x: (batch, columns) into `out`: (batch, features)."""
        v = np.take(x, self.source, axis=1).astype(np.float64, copy=False)
        np.copyto(v, self.fills, where=np.isnan(v))
        np.subtract(v, self.shift, out=v)
        np.multiply(v, self.factor, out=out, casting="same_kind")
        np.copyto(out, v == 0, where=self.one_hot)
        return out

    def config(self) -> dict[str, Any]:
        """JSON-able; `Table.from_config` takes it."""
        return {
            "kind": self.kind,
            "columns": [column.config() for column in self.columns],
            "fill": self.fill.tolist(),
            "scaling": self.scaling.config(),
            "target": self.target,
            "left_out": list(self.left_out),
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any], columns: int) -> "Table":
        """Rebuild from `config()`; FormatError."""
        try:
            listed = [Column.from_config(entry) for entry in config["columns"]]
            fill, scaling = np.asarray(config["fill"], np.float64), config["scaling"]
            target, left_out = config.get("target"), [str(name) for name in config.get("left_out", ())]
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(f"preprocessing: expected columns, fill and scaling, got {error!r}") from None
        numeric = sum(column.kind == "numeric" for column in listed)
        if len(listed) != columns or fill.shape != (numeric,) or not np.isfinite(fill).all():
            raise FormatError(
                f"preprocessing: expected {columns} columns with a number to fill in for each numeric one, "
                f"got {len(listed)} and {fill.shape}"
            )
        return cls(listed, fill.tolist(), Scaling.from_config(scaling, numeric), target=target, left_out=left_out)


def fit_table(
    kind: str, x: AnyArray, columns: Sequence[Column], *, target: str | None = None, left_out: Sequence[str] = ()
) -> Table:
    """The preprocessing of a table, its numbers scaled by `kind`, all of it measured on the training rows x."""
    numeric = x[:, [column.kind == "numeric" for column in columns]]
    fill = np.zeros(numeric.shape[1])
    for place, values in enumerate(numeric.T):
        known = values[~np.isnan(values)]
        if len(known):  # a column of nothing but missing values is 0 throughout
            fill[place] = np.median(known)
    filled = np.where(np.isnan(numeric), fill, numeric)
    measured = [column.measured(values) for column, values in zip(columns, x.T, strict=True)]
    return Table(measured, fill.tolist(), fit_scaling(kind, filled), target=target, left_out=left_out)
