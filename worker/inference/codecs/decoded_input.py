"""What a form makes of a request's body."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn import Model
from nn.errors import RowError
from worker.errors import PredictionInputError

MAX_ROWS = 10_000


@dataclass(frozen=True)
class DecodedInput:
    """Rows for the model: (rows, input_size) finite numbers. `noted` is what the answer needs to know beside them."""

    rows: NDArray[Any]
    noted: Mapping[str, Any] = field(default_factory=dict)


def check_count(rows: int, pointer: str) -> None:
    """Refuse no rows, and too many.

    Raises:
        PredictionInputError: it says how many there may be.

    """
    if rows == 0:
        raise PredictionInputError(pointer, "expected at least one row, got none")
    if rows > MAX_ROWS:
        raise PredictionInputError(pointer, f"expected at most {MAX_ROWS} rows, got {rows}")


def checked(model: Model, numbers: NDArray[Any], pointer: str) -> NDArray[Any]:
    """Numbers of any type as rows for the model, (rows, input_size): bytes stay bytes, tables codes and NaN.

    Raises:
        PredictionInputError: one is not finite, or no code of its column; it names row and column, counted from 0.

    """
    numbers = rows = numbers.reshape(len(numbers), model.input_size)
    if rows.dtype != np.uint8 or model.columns:
        with np.errstate(over="ignore"):
            rows = rows.astype(np.float64 if model.columns else np.float32)
    if not model.columns and not np.isfinite(rows).all():
        row, column = np.argwhere(~np.isfinite(rows))[0]
        detail = f"row {row}, column {column}: expected a finite number (of float32), got {numbers[row, column]}"
        raise PredictionInputError(f"{pointer}/{row}/{column}", detail)
    try:
        return model.check_rows(rows)
    except RowError as error:
        raise PredictionInputError(
            f"{pointer}/{error.row}/{error.column}", f"row {error.row}, column {error.message}"
        ) from None
