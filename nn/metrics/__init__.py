"""Metrics: numbers for people. A new one is a function and a `Metric`, in a file of its own in this package."""

from nn import registry
from nn.metrics.base import Metric
from nn.metrics.classification import (
    accuracy,
    confusion_matrix,
    f1,
    log_loss,
    precision,
    recall,
    top_k_accuracy,
)
from nn.metrics.regression import mae, r2, rmse

METRICS: dict[str, Metric] = registry.instances(__name__, Metric)

__all__ = [
    "METRICS",
    "Metric",
    "accuracy",
    "confusion_matrix",
    "f1",
    "log_loss",
    "mae",
    "precision",
    "r2",
    "recall",
    "rmse",
    "top_k_accuracy",
]
