"""Metrics of classifiers. y: (n,) class indices, P: (n, classes) probabilities."""

import numpy as np

from nn.arrays import AnyArray, Array, Indices
from nn.metrics.base import Metric

TOP = 3


def accuracy(y: AnyArray, P: Array) -> float:
    """The share of rows whose most probable class is the true one. y: (n,) class indices, P: (n, classes)."""
    return float(np.mean(P.argmax(axis=1) == y))


def log_loss(y: AnyArray, P: Array) -> float:
    """−(1/n) Σₛ log Pₛ,ᵧ₍ₛ₎, the cross-entropy of the probabilities; 0 counts as the least that P's numbers can be."""
    p = np.maximum(P[np.arange(len(y)), y], np.finfo(P.dtype).smallest_subnormal)
    return -float(np.log(p, dtype=np.float64).mean())


def top_k_accuracy(y: AnyArray, P: Array, k: int = TOP) -> float:
    """The share of rows whose true class is among the k most probable ones. y: (n,), P: (n, classes).

    Of classes that are equally probable the first count as the more probable, as in `accuracy`.
    """
    own = P[np.arange(len(y)), y][:, None]
    before = np.arange(P.shape[1]) < y[:, None]
    ahead = np.greater(P, own) | (np.equal(P, own) & before)
    return float(np.mean(ahead.sum(axis=1) < k))


def confusion_matrix(y: AnyArray, P: Array) -> Indices:
    """C: (classes, classes); Cᵢⱼ counts the rows of true class i that were taken for class j."""
    classes = P.shape[1]
    pairs = y.astype(np.intp) * classes + P.argmax(axis=1)
    counts: Indices = np.bincount(pairs, minlength=classes**2).reshape(classes, classes)
    return counts


def precision(C: Indices) -> Array:
    """Cⱼⱼ / Σᵢ Cᵢⱼ, class by class: how many of those taken for j are j; 0 where none was."""
    return _share(C.diagonal(), C.sum(axis=0))


def recall(C: Indices) -> Array:
    """Cᵢᵢ / Σⱼ Cᵢⱼ, class by class: how many of the i were taken for i; 0 where there is none."""
    return _share(C.diagonal(), C.sum(axis=1))


def f1(C: Indices) -> Array:
    """2 Cᵢᵢ / (Σⱼ Cᵢⱼ + Σⱼ Cⱼᵢ), class by class: the harmonic mean of precision and recall."""
    return _share(2 * C.diagonal(), C.sum(axis=0) + C.sum(axis=1))


def _share(part: AnyArray, whole: AnyArray) -> Array:
    share: Array = part / np.maximum(whole, 1)
    return share


ROWS = (
    Metric("accuracy", accuracy, "classification", "accuracy", format="percent", headline=1),
    Metric(
        f"top_{TOP}_accuracy",
        top_k_accuracy,
        "classification",
        f"accuracy, of {TOP} guesses",
        format="percent",
        fewest_classes=TOP + 1,
    ),
    Metric("log_loss", log_loss, "classification", "log loss", better="lower", headline=2),
    Metric(
        "macro_precision",
        lambda y, P: float(precision(confusion_matrix(y, P)).mean()),
        "classification",
        "precision, mean of the classes",
        format="percent",
    ),
    Metric(
        "macro_recall",
        lambda y, P: float(recall(confusion_matrix(y, P)).mean()),
        "classification",
        "recall, mean of the classes",
        format="percent",
    ),
    Metric(
        "macro_f1", lambda y, P: float(f1(confusion_matrix(y, P)).mean()), "classification", "F1, mean of the classes"
    ),
)
