"""The error of the middle row."""

import numpy as np

from nn.metrics.base import Metric

MEDIAN_ERROR = Metric(
    "median_error",
    lambda y, predicted: float(np.median(np.abs(predicted - y))),
    "regression",
    "median absolute error",
    better="lower",
    format="error",
    headline=9,
)
