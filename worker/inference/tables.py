"""The predictions for every row of a data set, as a file: CSV or NPZ."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from nn import Model
from nn.data import Dataset
from nn.data.matching import Matching
from nn.errors import DataError, RowError
from worker.inference.batch import OVERFLOWS, outputs_of, overflown

ROWS_AT_ONCE: Final = 4096
PIECE_BYTES: Final = 1024 * 1024


def predictions_of(
    model: Model,
    dataset: Dataset,
    split: Literal["train", "test"],
    file_format: Literal["json", "csv", "npz"],
    stop: Callable[[], bool],
) -> Iterator[bytes] | None:
    """Predict the rows of a part of a data set in portions. A table may have the model's columns in another order.

    Returns:
        The file piece by piece, or None when `stop` said so before the end.

        CSV has a line for each row: its index, its target, the prediction, and for classification the class's name in
        place of its number and a probability for each class. NPZ has `predictions`: (rows,) or (rows, outputs),
        `targets`, and for classification `probabilities`: (rows, classes) and `classes`; a target that is none of the
        model's classes is -1 there.

    Raises:
        DataError: the data set is for another task, or its columns, categories or sizes are not the model's.

    """
    if dataset.task != model.task:
        raise DataError(f"the data set is for {dataset.task}, expected one for {model.task} as the model is")
    matching = Matching(dataset.columns, model.columns)
    x, y = dataset.part(split)
    portions: list[NDArray[Any]] = []
    for start in range(0, len(x), ROWS_AT_ONCE):
        if stop():
            return None
        rows = matching.rows(x[start : start + ROWS_AT_ONCE], start)
        portions.append(outputs_of(model, model.check_rows(rows)))
    outputs = np.concatenate(portions) if portions else outputs_of(model, model.check_rows(matching.rows(x)))
    if (row := overflown(outputs)) is not None:
        raise RowError(row, None, OVERFLOWS)
    return _npz(model, outputs, y, dataset) if file_format == "npz" else _csv(model, outputs, y, dataset)


def _npz(model: Model, outputs: NDArray[Any], y: NDArray[Any], dataset: Dataset) -> Iterator[bytes]:
    arrays: dict[str, NDArray[Any]] = {"predictions": outputs, "targets": y}
    if model.task == "classification":
        codes = {name: code for code, name in enumerate(model.classes)}
        arrays |= {
            "targets": np.array([codes.get(name, -1) for name in dataset.classes])[y],
            "predictions": outputs.argmax(axis=1),
            "probabilities": outputs,
            "classes": np.array(model.classes, dtype=np.str_),
        }
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    whole = file.getbuffer()
    for start in range(0, len(whole), PIECE_BYTES):
        yield bytes(whole[start : start + PIECE_BYTES])


def _csv(model: Model, outputs: NDArray[Any], y: NDArray[Any], dataset: Dataset) -> Iterator[bytes]:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    several = outputs.ndim == 2 and model.task == "regression"
    if model.task == "classification":
        writer.writerow(["index", "target", "prediction", *(f"probability_{name}" for name in model.classes)])
    elif several:
        places = range(outputs.shape[1])
        writer.writerow(["index", *(f"target_{n}" for n in places), *(f"prediction_{n}" for n in places)])
    else:
        writer.writerow(["index", "target", "prediction"])
    for start in range(0, len(outputs), ROWS_AT_ONCE):
        part, targets = outputs[start : start + ROWS_AT_ONCE], y[start : start + ROWS_AT_ONCE]
        if model.task == "classification":
            said = [model.classes[number] for number in part.argmax(axis=1)]
            true = [dataset.classes[number] for number in targets]
            lines = [[a, b, *row] for a, b, row in zip(true, said, part.tolist(), strict=True)]
        else:
            lines = np.column_stack([targets, part]).tolist()
        writer.writerows([start + place, *line] for place, line in enumerate(lines))
        yield file.getvalue().encode()
        file.seek(0)
        file.truncate()
    if file.tell():
        yield file.getvalue().encode()
