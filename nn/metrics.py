"""Metrics: numbers for people, where a loss is a number for the gradient."""

from collections.abc import Callable, Mapping

import numpy as np

from nn.arrays import AnyArray, Array

ROUNDING = np.finfo(np.float64).tiny


def accuracy(y: AnyArray, P: Array) -> float:
    """The share of rows whose most probable class is the true one. y: (n,) class indices, P: (n, classes)."""
    return float(np.mean(P.argmax(axis=1) == y))


def log_loss(y: AnyArray, P: Array) -> float:
    """−(1/n) Σₛ log Pₛ,ᵧ₍ₛ₎, the cross-entropy of the probabilities."""
    p = P[np.arange(len(y)), y].astype(np.float64)
    return -float(np.log(np.maximum(p, ROUNDING)).mean())


def mae(y: AnyArray, predicted: AnyArray) -> float:
    """Mean absolute error. y, predicted: the same shape."""
    return float(np.abs(predicted - y).mean())


def rmse(y: AnyArray, predicted: AnyArray) -> float:
    """The root of the mean squared error."""
    return float(np.sqrt(np.square(predicted - y).mean()))


def r2(y: AnyArray, predicted: AnyArray) -> float:
    """1 − Σ(y − ŷ)² / Σ(y − ȳ)²: the share of the variance that is explained; 0 where y does not vary."""
    spread = float(np.square(y - y.mean(axis=0)).sum())
    return 1 - float(np.square(predicted - y).sum()) / spread if spread > 0 else 0.0


Metric = Callable[[AnyArray, AnyArray], float]
CLASSIFICATION: Mapping[str, Metric] = {"accuracy": accuracy, "log_loss": log_loss}
REGRESSION: Mapping[str, Metric] = {"mae": mae, "rmse": rmse, "r2": r2}
METRICS: Mapping[str, Metric] = {**CLASSIFICATION, **REGRESSION}
