"""Checks of plain rows: numbers, one row as long as the other, none NaN, infinite, or too large to compute with."""

import math

import numpy as np
import numpy.typing as npt

from nn.arrays import AnyArray
from nn.errors import DataError

ROWS_AT_ONCE = 1024
"""Rows of one forward pass at prediction: large enough for the matrix products, small enough for the cache."""


def as_rows(x: AnyArray, width: int) -> AnyArray:
    """Rows as (n, width) numbers, bytes kept as bytes; DataError for other shapes and text."""
    x = np.asarray(x)
    if x.ndim < 2 or math.prod(x.shape[1:]) != width:
        raise DataError(f"x: expected rows of {width} numbers, got shape {x.shape}")
    if x.dtype.kind not in "uifb":
        raise DataError(f"x: expected numbers, got {x.dtype}")
    return x.reshape(len(x), width)


def check_range(x: AnyArray, dtype: npt.DTypeLike, what: str) -> None:
    """DataError unless all numbers of x: (n, …) are finite, and do not overflow in `dtype`, which is computed in."""
    if x.dtype.kind != "f":
        return
    largest = float(np.finfo(dtype).max)
    for start in range(0, len(x), ROWS_AT_ONCE):
        block = x[start : start + ROWS_AT_ONCE].reshape(len(x[start : start + ROWS_AT_ONCE]), -1)
        good = (np.abs(block) <= largest).all(axis=1)  # False for NaN too
        if not good.all():
            row = int(good.argmin())
            if not np.isfinite(block[row]).all():
                raise DataError(f"{what}: expected finite numbers, got NaN or infinity in row {start + row}")
            came = np.abs(block[row]).max()
            raise DataError(f"{what}: expected numbers of at most {largest:.3g}, got {came:.3g} in row {start + row}")
