"""What is measured of a contender on one division of a table."""

import time
from typing import Any, Final

import numpy as np

from benchmarks.tables.contenders import Fitted
from nn.arrays import AnyArray
from nn.data.dataset import Dataset

LEAST: Final = 1e-15
"""The least probability that is taken as it is said."""

ASKED: Final = 50
"""How many single rows are asked for, and as many before them that are not timed."""


def measured(fitted: Fitted, data: Dataset) -> dict[str, float]:
    """Of classes: the share of errors, the log loss and the AUC. Of numbers: the error and the loss are RMSE ÷ sd.

    Then the seconds of the fit, and the median milliseconds of one row.
    """
    y, said = data.y_test, fitted.said
    if data.task == "classification":
        told = np.maximum(said[np.arange(len(y)), y], LEAST)
        found = {
            "error": float(np.mean(said.argmax(axis=1) != y)),
            "loss": float(-np.log(told).mean()),
            "auc": auc(said, y),
        }
    else:
        rmse = float(np.sqrt(np.mean((said.reshape(-1) - y) ** 2)) / np.std(y))
        found = {"error": rmse, "loss": rmse}
    return found | {"seconds": fitted.seconds, "one_row_ms": _one_row(fitted, len(y))}


def auc(said: AnyArray, y: AnyArray) -> float:
    """The area below the ROC curve of the second of two classes; of more, the mean of each against the others.

    It is the share of pairs in which the row of the class is said to be likelier; half of those that are said alike.
    """
    classes = [1] if said.shape[1] == 2 else [one for one in range(said.shape[1]) if 0 < np.sum(y == one) < len(y)]
    areas = []
    for one in classes:
        _, places, counts = np.unique(said[:, one], return_inverse=True, return_counts=True)
        ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
        belongs = y == one
        count = int(belongs.sum())
        pairs = count * (len(y) - count)
        areas.append((ranks[belongs].sum() - count * (count + 1) / 2) / pairs)
    return float(np.mean(areas))


def _one_row(fitted: Fitted, rows: int) -> float:
    times: list[Any] = []
    for place in range(2 * ASKED):
        begun = time.perf_counter()
        fitted.one_row(place % rows)
        times.append(1000 * (time.perf_counter() - begun))
    return float(np.median(times[ASKED:]))
