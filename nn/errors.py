"""The errors of `nn`: one base, and one subclass for each kind of thing that can be wrong.

    NNError
    ├── SpecError          invalid_spec    an architecture or a training choice cannot be built
    ├── DataError          invalid_data    data cannot be used
    │   └── RowError                       … because of one value of a table
    ├── FormatError        internal_error  a file or a stored state cannot be read; of an upload: invalid_data
    └── DivergenceError    diverged        a loss is not finite

`code` is what a record's `error` says of it. A message names what was wrong, what was expected, and what came.
"""

from typing import ClassVar


class NNError(Exception):
    """Base of every error that `nn` raises on purpose."""

    code: ClassVar[str] = "internal_error"


class SpecError(NNError):
    """Raised when an architecture or a training choice cannot be built; always before any training starts."""

    code = "invalid_spec"


class DataError(NNError):
    """Raised when data cannot be used: NaN, a label outside the classes, shapes that do not fit."""

    code = "invalid_data"


class RowError(DataError):
    """Raised for one value of a table: `row` counts from 0, `column` is its place, its name, or None for the row."""

    def __init__(self, row: int, column: int | str | None, message: str) -> None:
        super().__init__(f"row {row}: {message}")
        self.row = row
        self.column = column
        self.message = message

    def __reduce__(self) -> tuple[type["RowError"], tuple[int, int | str | None, str]]:
        """Rebuild from the parts, so that the error can cross a process."""
        return RowError, (self.row, self.column, self.message)


class FormatError(NNError):
    """Raised when a file or a stored state cannot be read."""


class DivergenceError(NNError):
    """Raised when the loss of a training step is not finite.

    `epoch` (1-based) and `step` (1-based, within the epoch) say where it happened.
    """

    code = "diverged"

    def __init__(self, epoch: int, step: int, loss: float) -> None:
        super().__init__(
            f"the loss became {loss} in epoch {epoch}, step {step}: expected a finite number. "
            "Try a lower learning_rate, scaled inputs (preprocessing), or clip_norm=1."
        )
        self.epoch = epoch
        self.step = step

    def __reduce__(self) -> tuple[type["DivergenceError"], tuple[int, int, float]]:
        """Rebuild from the numbers, so that the error can cross a process."""
        return DivergenceError, (self.epoch, self.step, float("nan"))
