"""What each class counts in a training, by its name or by how many rows it has."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from nn.arrays import AnyArray

BALANCED: Final = "balanced"


def with_class_weights(plan: Mapping[str, Any], y: AnyArray, classes: Sequence[str]) -> dict[str, Any]:
    """A job's `training` whose loss has the weights that its `class_weights` ask for.

    Args:
        plan: the `training` of a job's config; one of an earlier version has no such field
        y: (n,) class indices of the rows that are learned from
        classes: their names

    """
    asked = plan.get("class_weights")
    if asked is None:
        return dict(plan)
    weights = balanced(y, len(classes)) if asked == BALANCED else [float(asked.get(name, 1.0)) for name in classes]
    loss = plan["loss"] if isinstance(plan["loss"], Mapping) else {"name": "cross_entropy"}
    return {**plan, "loss": {**loss, "class_weights": weights}}


def balanced(y: AnyArray, classes: int) -> list[float]:
    """w_k = n / (K n_k): each of the K classes counts as much as any other, and all rows as much as before together.

    A class without rows counts 1. It is what scikit-learn calls `class_weight="balanced"`.
    """
    counts = np.bincount(y, minlength=classes)
    weights: list[float] = np.where(counts > 0, len(y) / (classes * np.maximum(counts, 1)), 1.0).tolist()
    return weights
