"""A data set: rows and targets, in a part to train on and a part that training never sees."""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from nn.arrays import AnyArray, Indices, Shape
from nn.data.columns import Column, check_codes
from nn.data.rows import check_range
from nn.errors import DataError

Task: TypeAlias = Literal["classification", "regression"]


@dataclass(frozen=True)
class Dataset:
    """Rows x: (n, features) with one target a row.

    y: (n,) class indices 0 … K − 1 for classification, (n,) or (n, outputs) numbers for regression. `classes` are the
    names of the classes, () for regression. `input_shape` is the shape of one row before it was flattened: (28, 28).
    `columns` are given for tables: x is then (n, columns) with codes and NaN, as `nn.data.columns` has it. Of a table,
    `target` is the name of the column that is learned, `left_out` those of the columns that are not used, and
    `rows_train` and `rows_test`: (n,) say which row of the file each one is, counted from 1.
    """

    x_train: AnyArray
    y_train: AnyArray
    x_test: AnyArray
    y_test: AnyArray
    task: Task
    classes: tuple[str, ...]
    input_shape: Shape
    name: str
    columns: tuple[Column, ...] = ()
    target: str | None = None
    left_out: tuple[str, ...] = ()
    rows_train: Indices | None = None
    rows_test: Indices | None = None

    def part(self, split: Literal["train", "test"]) -> tuple[AnyArray, AnyArray]:
        """(x, y) of one of its parts."""
        return (self.x_train, self.y_train) if split == "train" else (self.x_test, self.y_test)

    def numbers(self, split: Literal["train", "test"]) -> Indices:
        """(n,) the row in the file of each row of a part, from 1; where that is not known, its place in the part."""
        known = self.rows_train if split == "train" else self.rows_test
        return np.arange(1, len(self.part(split)[0]) + 1) if known is None else known

    def __post_init__(self) -> None:
        features = math.prod(self.input_shape)
        for part, x, y in (("train", self.x_train, self.y_train), ("test", self.x_test, self.y_test)):
            if x.ndim != 2 or x.shape[1] != features:
                raise DataError(f"x_{part}: expected shape (n, {features}), got {x.shape}")
            check_targets(y, len(x), self.task, len(self.classes), f"y_{part}")
            if self.columns:
                if len(self.columns) != features:
                    raise DataError(f"columns: expected {features}, got {len(self.columns)}")
                check_codes(x, self.columns)


def check_targets(y: AnyArray, rows: int, task: str, classes: int, what: str) -> None:
    """DataError unless y fits: one target a row, class indices inside the classes, finite numbers."""
    if y.ndim == 0 or len(y) != rows:
        raise DataError(f"{what}: expected one target for each of {rows} rows, got {len(y) if y.ndim else y}")
    if task == "classification":
        if y.ndim != 1 or y.dtype.kind not in "iu":
            raise DataError(f"{what}: expected class indices of shape ({rows},), got {y.dtype} of shape {y.shape}")
        if rows and (y.min() < 0 or y.max() >= classes):
            raise DataError(f"{what}: expected class indices from 0 to {classes - 1}, got {y.min()} to {y.max()}")
    elif y.dtype.kind not in "iuf":
        raise DataError(f"{what}: expected numbers, got {y.dtype}")
    else:
        check_range(y, np.float32, what)
