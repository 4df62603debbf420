"""What a form makes of a request's body."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from worker.errors import PredictionInputError

MAX_ROWS = 10_000


@dataclass(frozen=True)
class Question:
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
