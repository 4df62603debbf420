"""Splitting off a validation set: for choosing, so that the test set stays unseen."""

import numpy as np
import numpy.typing as npt

from nn.arrays import AnyArray
from nn.errors import SpecError

Rows = npt.NDArray[np.intp]


def split(y: AnyArray, fraction: float, rng: np.random.Generator, *, stratify: bool) -> tuple[Rows, Rows]:
    """(train rows, validation rows), both sorted; `fraction` of all rows, at least one of each, goes to validation.

    Stratified, every class gives its share: the class counts of the validation set differ from exact shares by less
    than one row. y: (n,) class indices, or targets of any shape when not stratified.
    """
    n = len(y)
    if not 0 < fraction < 1 or n < 2:
        raise SpecError(
            f"validation split: expected a fraction between 0 and 1 of two rows or more, got {fraction:g} of {n}"
        )
    size = min(max(round(n * fraction), 1), n - 1)
    order = rng.permutation(n)
    if stratify:
        # Sort the shuffled rows by class; then row i goes to validation where ⌊i · size/n⌋ steps up, at even distances.
        order = order[np.argsort(y[order], kind="stable")]
        marks = (np.arange(n) + 1) * size // n > np.arange(n) * size // n
        return np.sort(order[~marks]), np.sort(order[marks])
    return np.sort(order[size:]), np.sort(order[:size])
