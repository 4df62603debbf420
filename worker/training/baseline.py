"""The test score of one answer for all rows, to compare a model's score with, and how sure the model's score is."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

import nn
from nn.arrays import AnyArray


def baseline(
    model: nn.Model, y_train: AnyArray, x_test: AnyArray, y_test: AnyArray, scores: Mapping[str, float]
) -> dict[str, Any]:
    """`baseline`: the test score of an answer that no input changes; `standard_error`: of the model's score.

    For classification the score is the accuracy, and the answer the most frequent class of `y_train` (`baseline_class`
    is its name). For regression the score is R², which is 0 for the answer that is always the mean.
    A model whose score is at most `baseline + standard_error` is no better than guessing. `scores` are those of
    `model.evaluate` on the test part.
    """
    if model.task == "classification":
        frequent = int(np.bincount(np.asarray(y_train, np.intp), minlength=len(model.classes)).argmax())
        return {
            "baseline": float(np.mean(y_test == frequent)),
            "baseline_class": model.classes[frequent],
            "standard_error": error_of_accuracy(scores["accuracy"], len(y_test)),
        }
    predicted = model.predict(x_test)
    return {"baseline": 0.0, "standard_error": error_of_r2(np.asarray(y_test).reshape(predicted.shape), predicted)}


def error_of_accuracy(p: float, n: int) -> float:
    """√(p(1−p)/n), the standard error of a share p of n rows that are drawn independently (a binomial's)."""
    return math.sqrt(p * (1 - p) / n)


def error_of_r2(y: AnyArray, predicted: AnyArray) -> float:
    """The standard error of R² = 1 − ē/d̄ over n rows, with eₛ = (yₛ − ŷₛ)² and dₛ = (yₛ − ȳ)².

    √(Σₛ (eₛ − (1−R²)·dₛ)² / (n(n−1))) / d̄: that of a ratio of two means over the same rows, linearised (W. G. Cochran,
    Sampling Techniques, 3rd ed., 1977, chapter 6). It supposes no distribution of the errors; 0 where y does not vary.
    """
    n = len(y)
    own = np.subtract(y, y.mean(axis=0, dtype=np.float64), dtype=np.float64).reshape(n, -1)
    largest = float(np.abs(own).max())
    if n < 2 or largest == 0:
        return 0.0
    e = np.square(np.subtract(predicted, y, dtype=np.float64).reshape(n, -1) / largest).sum(axis=1)
    d = np.square(own / largest).sum(axis=1)
    left = e - e.mean() / d.mean() * d
    return math.sqrt(float(np.square(left).sum()) / (n * (n - 1))) / float(d.mean())
