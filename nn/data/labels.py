"""Classes and categories by their text, and label encoding."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.arrays import Indices
from nn.errors import DataError, RowError


def category_of(value: Any) -> str:
    """The text under which a value is a category or a class: "7" for 7 and 7.0, "true" for True."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def encode_labels(values: Sequence[Any]) -> tuple[Indices, tuple[str, ...]]:
    """Label encoding: (y, classes), y: (n,) the place of each value in `classes`, which are sorted, numbers by size.

    DataError where a label is missing or all are the same.
    """
    labels = [category_of(value) for value in values]
    for row, (value, label) in enumerate(zip(values, labels, strict=True)):
        if value is None or label in ("", "nan"):
            raise RowError(row, None, "expected a label, got a missing value")
    classes = sorted(set(labels))
    try:
        classes.sort(key=float)
    except ValueError:
        classes.sort()
    if len(classes) < 2:
        raise DataError(f"labels: expected two classes or more, got {', '.join(classes) or 'none'}")
    codes = {name: code for code, name in enumerate(classes)}
    return np.array([codes[label] for label in labels], np.intp), tuple(classes)


def is_missing(value: Any) -> bool:
    """Whether a value of JSON or Python is a missing one: None, "" or NaN."""
    return value is None or (isinstance(value, str) and value == "") or (isinstance(value, float) and math.isnan(value))
