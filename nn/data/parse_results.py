"""What readers give: a table with named columns, or arrays of rows and targets."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from nn.arrays import AnyArray
from nn.data.columns import Column

MAX_COLUMNS = 10_000
MAX_CATEGORIES = 1_000
TARGET_NAMES = ("target", "label", "class", "labels", "outcome", "y")
"""What targets are called, the likeliest first: beside a `class`, `y` is a coordinate."""

NO_TARGETS: AnyArray = np.empty(0)


@dataclass(frozen=True)
class ParsedTable:
    """values: (rows, columns) float64, with codes for categories and NaN for what is missing (`nn.data.columns`).

    `ignored` says of each column that was left out, why. `notes` say what the reader guessed. `names` are those of all
    columns of the file, as they stand.
    """

    columns: tuple[Column, ...]
    values: npt.NDArray[np.float64]
    ignored: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class ParsedArrays:
    """x: (rows, …) numbers; y: (rows,) or (rows, outputs) numbers, or (rows,) text; a test part where there is one.

    y is empty where rows without targets were asked for (`ReadOptions.labelled`).
    """

    x: AnyArray
    y: AnyArray
    x_test: AnyArray | None = None
    y_test: AnyArray | None = None
    notes: tuple[str, ...] = ()
