"""What was read otherwise than it stands in rows from outside, counted: the answer to them says so."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nn.data.columns import Column
from nn.data.dates import text_of

MOST_NOTES: Final = 100

UNSEEN: Final = "training never saw this value: read as missing"
PLACEHOLDER: Final = "no number: read as missing"
NOT_AN_INPUT: Final = "no input of this model: ignored"
NO_COLUMN: Final = "the file has no such column: read as missing"


class Notes:
    """What was read otherwise than it stands there: by column and value, in how many rows."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, Any, str], int] = {}

    def add(self, column: str, value: Any, detail: str, rows: int = 1) -> None:
        """Count some more rows."""
        key = (column, value, detail)
        if key in self._rows or len(self._rows) < MOST_NOTES:
            self._rows[key] = self._rows.get(key, 0) + rows

    def listed(self) -> list[dict[str, Any]]:
        """JSON-able: `column`, `value`, `rows`, `detail` of each."""
        return [
            {"column": column, "value": value, "rows": rows, "detail": detail}
            for (column, value, detail), rows in self._rows.items()
        ]


def note_ranges(x: npt.NDArray[np.float64], columns: Sequence[Column], notes: Notes) -> None:
    """Note numbers of x: (n, columns) that lie beyond the training range by more than its own width."""
    for place, column in enumerate(columns):
        if column.low is None or column.high is None:
            continue
        values, width = x[:, place], column.high - column.low
        far = (values < column.low - width) | (values > column.high + width)
        if far.any():
            distance = np.where(far, np.abs(values - (column.low + column.high) / 2), -1.0)
            worst = float(values[int(distance.argmax())])
            told: Callable[[float], Any] = text_of if column.kind == "date" else "{:g}".format
            within = f"{told(column.low)} to {told(column.high)}" if width else f"{told(column.low)} alone"
            notes.add(
                column.name,
                text_of(worst) if column.kind == "date" else worst,
                f"far from what training saw: {within}",
                int(far.sum()),
            )
