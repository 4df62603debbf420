"""Piecewise-linear numbers: how far a number has come through each of its column's bins (Gorishniy et al. 2022).

A dense layer over one scaled number can only bend it where its neurons bend; over these features it draws any
piecewise-linear curve of the number at once, with corners at the bins' edges: what trees do with their thresholds.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from nn.arrays import AnyArray
from nn.data.columns import Column
from nn.errors import FormatError
from nn.preprocessing.encodings.base import Encoding
from nn.preprocessing.encodings.scaled import fills_from, medians
from nn.preprocessing.scaling import LARGEST, inverse

MOST_BINS: Final = 48
"""Bins of a column. More follow a curve more closely, from fewer rows each; every bin is a weight of every neuron."""
MOST_FEATURES: Final = 512
"""About as many inputs in all: of a table with many columns, each has fewer bins."""
FEWEST_BINS: Final = 8
SMOOTHING: Final = 3.0
"""Where the scaled number is bent: it never leaves ±3, as in RealMLP (Holzmüller et al. 2024)."""


class PiecewiseLinear(Encoding):
    """A number becomes a scaled one, one feature a bin, and whether it was missing.

    With the column's median m, interquartile range q (half of the whole range where that is 0) and edges b₀ < … < b_T,
    which are quantiles of the training rows:

        t = (v − m) / q,  X′₀ = t / √(1 + (t/3)²)                     robust scaling, smoothly clipped
        X′ⱼ = min(1, max(0, (v − bⱼ₋₁) / (bⱼ − bⱼ₋₁))), j = 1 … T     the share of bin j that lies below v
        X′_{T+1} = [v is missing]                                     where the training rows lacked some

    A column with two values or one has no bins; a missing number takes the median.
    """

    kind = "piecewise_linear"

    def __init__(
        self, fill: AnyArray, shift: AnyArray, factor: AnyArray, edges: Sequence[AnyArray], lacks: Sequence[bool]
    ) -> None:
        """One entry for each column; `edges` are () where it has no bins, `lacks` says whether rows may lack it."""
        self.fill, self.shift, self.factor = (np.asarray(a, np.float64) for a in (fill, shift, factor))
        self.edges, self.lacks = [np.asarray(e, np.float64) for e in edges], list(map(bool, lacks))
        bins = [max(0, len(e) - 1) for e in self.edges]
        self.widths = [1 + count + lacking for count, lacking in zip(bins, self.lacks, strict=True)]
        first = np.cumsum([0, *self.widths])[:-1]
        self.numbers = first  # the place of each kind of feature
        self.binned = np.concatenate([np.arange(1, 1 + n) + at for n, at in zip(bins, first, strict=True)]).astype(int)
        self.flagged = np.flatnonzero(self.lacks)
        self.flags = (first + self.widths - 1)[self.flagged]
        self.source = np.repeat(np.arange(len(bins)), bins)
        self.low = np.concatenate([e[:-1] for e in self.edges])
        self.slope = 1 / np.concatenate([np.diff(e) for e in self.edges])

    @classmethod
    def fit(cls, x: AnyArray) -> "PiecewiseLinear":
        """Measured on the training rows x: (n, columns)."""
        fill = medians(x)
        filled = np.where(np.isnan(x), fill, x)
        low, high = np.quantile(filled, [0.25, 0.75], axis=0)
        spread = np.where(high > low, high - low, np.ptp(filled, axis=0) / 2)
        most = int(np.clip(MOST_FEATURES // max(1, x.shape[1]), FEWEST_BINS, MOST_BINS))
        edges = [_edges(values[~np.isnan(values)], most) for values in x.T]
        return cls(fill, fill, inverse(spread), edges, [bool(np.isnan(values).any()) for values in x.T])

    def __call__(self, v: AnyArray) -> AnyArray:
        out = np.empty((len(v), sum(self.widths)), np.float32)
        missing = np.isnan(v)
        v = np.where(missing, self.fill, v)
        t = (v - self.shift) * self.factor
        out[:, self.numbers] = t / np.hypot(1, t / SMOOTHING)
        share = np.take(v, self.source, axis=1)
        share -= self.low
        share *= self.slope
        out[:, self.binned] = np.clip(share, 0, 1, out=share)
        out[:, self.flags] = missing[:, self.flagged]
        return out

    def config(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "fill": self.fill.tolist(),
            "shift": self.shift.tolist(),
            "factor": self.factor.tolist(),
            "edges": [edges.tolist() for edges in self.edges],
            "lacks": self.lacks,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any], columns: Sequence[Column]) -> "PiecewiseLinear":
        n = len(columns)
        shift, factor = (np.asarray(config[key], np.float64) for key in ("shift", "factor"))
        edges, lacks = [np.asarray(e, np.float64) for e in config["edges"]], [bool(flag) for flag in config["lacks"]]
        if {shift.shape, factor.shape, (len(edges),), (len(lacks),)} != {(n,)}:
            raise FormatError(f"preprocessing: expected shift, factor, edges and lacks for each of {n} columns")
        if not np.isfinite(np.concatenate([shift, factor, *edges])).all() or any(
            (np.diff(e) <= 0).any() for e in edges
        ):
            raise FormatError("preprocessing: expected finite numbers, and edges that rise")
        return cls(fills_from(config, columns), shift, factor, edges, lacks)


def _edges(known: AnyArray, most: int) -> AnyArray:
    """The edges of at most so many bins: quantiles, each once; () where a straight line says all."""
    edges: AnyArray = np.unique(np.quantile(known, np.linspace(0, 1, most + 1))) if len(known) else known
    # Edges that only rounding tells apart have no slope, and of the smallest numbers it is too large for a float64.
    apart = np.diff(edges, prepend=-np.inf) > np.maximum(np.finfo(np.float32).eps * np.abs(edges), 1 / LARGEST)
    return edges[apart] if apart.sum() > 2 else edges[:0]
