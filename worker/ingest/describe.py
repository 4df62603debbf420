"""What a data set's record says of it: types, shape, classes, missing values, a few rows."""

import itertools
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from nn.arrays import AnyArray
from nn.data import Column, Dataset
from nn.data.dates import text_of
from nn.data.prepare import Prepared

MOST_COLUMNS: Final = 100
"""Columns that the record describes one by one; the stored data knows them all."""

MOST_CATEGORIES: Final = 20
MOST_NOTES: Final = 100
PREVIEW_ROWS: Final = 5
BINS: Final = 12
"""Of a histogram of numbers."""

PREVIEW_NUMBERS: Final = 4096
"""In all rows of a preview together: fewer rows where they are long, none where one is longer."""


def describe(prepared: Prepared, *, format: str, sha256: str, size_bytes: int) -> dict[str, Any]:  # noqa: A002  # the API's word
    """The facts of a data set, JSON-able. `sha256` and `size_bytes` are those of its stored form."""
    dataset = prepared.dataset
    x = dataset.x_train
    shown = min(x.shape[1], MOST_COLUMNS) if dataset.columns else x.shape[1]
    previewed = min(len(x), PREVIEW_ROWS, PREVIEW_NUMBERS // shown)
    return {
        "format": format,
        "task": dataset.task,
        "target": prepared.target,
        "classes": list(dataset.classes),
        "class_counts": _class_counts(dataset),
        "rows": {"train": len(x), "test": len(dataset.x_test), "total": len(x) + len(dataset.x_test)},
        "input_shape": list(dataset.input_shape),
        "dtype": str(x.dtype),
        "missing": sum(int(np.isnan(part).sum()) for part in (x, dataset.x_test) if part.dtype.kind == "f"),
        "column_count": len(dataset.columns),
        "columns": [_column(column, dataset, place) for place, column in enumerate(dataset.columns[:shown])],
        "left_out": [
            {"name": name, "reason": reason}
            for name, reason in itertools.islice(prepared.left_out.items(), MOST_COLUMNS)
        ],
        "preview": [_row(row[:shown], dataset.columns[:shown]) for row in x[:previewed]],
        "preview_targets": [_plain(value) for value in dataset.y_train[:previewed]],
        "notes": _notes(prepared.notes),
        "blob": f"datasets/{sha256}.safetensors",
        "stored_bytes": size_bytes,
    }


def describe_unlearned(
    format: str,  # noqa: A002  # the record's word
    *,
    rows: int,
    input_shape: Sequence[int],
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """The facts of a file whose rows are to be predicted: nothing of it is stored beside the file itself."""
    return {
        "format": format,
        "task": None,
        "rows": {"train": 0, "test": 0, "total": rows},
        "input_shape": list(input_shape),
        "notes": _notes(notes),
        "blob": None,
        "stored_bytes": 0,
    }


def _notes(notes: Sequence[str]) -> list[str]:
    more = len(notes) - MOST_NOTES
    return [*notes[:MOST_NOTES], *([f"… and {more} notes more"] if more > 0 else [])]


def _class_counts(dataset: Dataset) -> list[int]:
    if dataset.task != "classification":
        return []
    y = np.concatenate([dataset.y_train, dataset.y_test])
    return _counts(y, len(dataset.classes))


def _column(column: Column, dataset: Dataset, place: int) -> dict[str, Any]:
    values = np.concatenate([dataset.x_train[:, place], dataset.x_test[:, place]]).astype(np.float64)
    known = values[~np.isnan(values)]
    facts: dict[str, Any] = {"name": column.name, "kind": column.kind, "missing": len(values) - len(known)}
    if column.kind == "categorical":
        return facts | {
            "category_count": len(column.categories),
            "categories": list(column.categories[:MOST_CATEGORIES]),
            "histogram": _counts(known, len(column.categories))[:MOST_CATEGORIES],
        }
    if column.kind == "date":
        return facts | {
            "first": text_of(known.min()),
            "last": text_of(known.max()),
            "histogram": _histogram(known),
        }
    return facts | {
        "minimum": _plain(known.min()),
        "maximum": _plain(known.max()),
        "mean": _plain(known.mean()),
        "histogram": _histogram(known),
    }


def _histogram(known: AnyArray) -> list[int]:
    """How many of `known` lie in each of `BINS` equal parts from the least to the greatest, which is in the last.

    Halves are subtracted: the width of what float64 holds is more than it holds.
    """
    low, high = known.min() / 2, known.max() / 2
    share = (known / 2 - low) / (high - low) if high > low else np.zeros(len(known))
    places = np.minimum(np.floor(share * BINS), BINS - 1)
    return _counts(places, BINS)


def _counts(codes: AnyArray, number: int) -> list[int]:
    """How often each of the codes 0 … `number` − 1 is there."""
    return [int(count) for count in np.bincount(codes.astype(np.intp), minlength=number)]


def _row(row: AnyArray, columns: tuple[Column, ...]) -> list[Any]:
    if not columns:
        return [_plain(value) for value in row]
    return [None if np.isnan(value) else _said(value, column) for value, column in zip(row, columns, strict=True)]


def _said(value: Any, column: Column) -> Any:
    """A value of a column as its file has it."""
    if column.kind == "date":
        return text_of(value)
    return column.categories[int(value)] if column.categories else _plain(value)


def _plain(value: Any) -> Any:
    """A number as Python has it; whole where it is whole."""
    plain = value.tolist()
    return int(plain) if isinstance(plain, float) and plain.is_integer() and abs(plain) < 2**53 else plain
