"""Metrics of regressions. y, predicted: the same shape, in the targets' own units."""

import numpy as np

from nn.arrays import AnyArray
from nn.metrics.base import Metric


def mae(y: AnyArray, predicted: AnyArray) -> float:
    """Mean absolute error. y, predicted: the same shape."""
    return float(np.abs(np.subtract(predicted, y, dtype=np.float64)).mean())


def rmse(y: AnyArray, predicted: AnyArray) -> float:
    """The root of the mean squared error."""
    return float(np.sqrt(np.square(np.subtract(predicted, y, dtype=np.float64)).mean()))


def r2(y: AnyArray, predicted: AnyArray) -> float:
    """1 − Σ(y − ŷ)² / Σ(y − ȳ)²: the share of the variance that is explained; 0 where y does not vary."""
    if np.all(y.max(axis=0) == y.min(axis=0)):
        return 0.0
    spread = float(np.square(y - y.mean(axis=0)).sum())
    left = float(np.square(np.subtract(predicted, y, dtype=np.float64)).sum())
    return 1 - left / spread if spread > 0 else 0.0


ROWS = (
    Metric("r2", r2, "regression", "R²", headline=1),
    Metric("rmse", rmse, "regression", "root mean square error", better="lower", format="error", headline=2),
    Metric("mae", mae, "regression", "mean absolute error", better="lower", format="error", headline=3),
)
