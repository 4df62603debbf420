"""What a model still gets wrong on rows that training never saw: what it takes for what, and its worst mistakes."""

from typing import Any, Final

import numpy as np

import nn
from nn.arrays import AnyArray
from nn.metrics import confusion_matrix

MOST_CLASSES: Final = 50
"""With more, the matrix is larger than a record should be, and no picture of it can be read."""

MOST_MISTAKES: Final = 24


def evaluation(model: nn.Model, x: AnyArray, y: AnyArray) -> dict[str, Any] | None:
    """The confusion matrix and the worst mistakes of a classifier; None for regression and for very many classes.

    `confusion[t][p]` counts the rows of class t that were taken for p. A mistake is the worse the surer the model was:
    `index` is the row's place in the test part, `label` its class, `predicted` what was said, with that `probability`.
    """
    classes = len(model.classes)
    if model.task != "classification" or classes > MOST_CLASSES:
        return None
    P = model.predict_probabilities(x)
    said, truth = P.argmax(axis=1), np.asarray(y, np.intp)
    confusion = confusion_matrix(truth, P)
    wrong = np.flatnonzero(said != truth)
    worst = wrong[np.argsort(-P[wrong, said[wrong]], kind="stable")][:MOST_MISTAKES]
    mistakes = [
        {
            "index": int(row),
            "label": int(truth[row]),
            "predicted": int(said[row]),
            "probability": round(float(P[row, said[row]]), 6),
        }
        for row in worst
    ]
    return {"rows": len(truth), "confusion": confusion.tolist(), "mistakes": mistakes}
