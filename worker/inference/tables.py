"""The predictions for every row of a data set, as a file: CSV or NPZ. Runs in the child process."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from nn import Model, formats
from nn.data.labels import category_of
from nn.data.notes import Notes
from nn.errors import DataError
from worker.inference.batch import MANY_ROWS, OVERFLOWS, outputs_by_block, overflown
from worker.inference.dataset_rows import Portion, portions_of
from worker.store.blobs import Blobs, model_path

PIECE_BYTES: Final = 1024 * 1024
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would compute."""

Predicted = tuple[Portion, NDArray[Any]]


def predict_dataset(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Predict for the rows of a data set and write the file at `path`; tell how many rows, and what was noted.

    asked: `model_id`, `path`, `format` (csv or npz), `scratch` (an open, empty file), and what `portions_of` takes.

    Raises:
        NNError: the rows are none for this model; it names row and column.
        BlobMissingError: the model or the data set is gone.

    """
    blobs, notes, rows = Blobs(asked["blob_url"]), Notes(), 0
    model = formats.load(blobs.get(model_path(asked["model_id"])))

    def counted() -> Iterator[Predicted]:
        nonlocal rows
        for portion, outputs in predicted(model, portions_of(model, asked, blobs, notes)):
            rows += len(portion.x)
            yield portion, outputs

    with open(asked["scratch"], "w+b") as file:  # noqa: PTH123  # a descriptor; nothing is read while a blob is written
        file.writelines(file_of(model, counted(), asked["format"]))
        file.seek(0)
        blobs.put_pieces(asked["path"], iter(lambda: file.read(PIECE_BYTES), b""))
    return {"rows": rows, "notes": notes.listed()}


def predicted(model: Model, portions: Iterator[Portion]) -> Iterator[Predicted]:
    """What the model says of each portion: the same to the bit as one request with all of the rows."""
    first = next(portions, None)
    if first is None:
        return
    second = next(portions, None)
    few = second is None and len(first.x) < MANY_ROWS
    for portion in (first, *([] if second is None else [second])):
        yield portion, _outputs(model, portion, few=few)
    for portion in portions:
        yield portion, _outputs(model, portion, few=False)


def _outputs(model: Model, portion: Portion, *, few: bool) -> NDArray[Any]:
    outputs = outputs_by_block(model, portion.x, few=few)
    if (place := overflown(outputs)) is not None:
        raise DataError(f"row {portion.numbers[place]}: {OVERFLOWS}")
    return outputs


def file_of(model: Model, predictions: Iterator[Predicted], file_format: Literal["csv", "npz"]) -> Iterator[bytes]:
    """The file, piece by piece.

    CSV has a line for each row: its place among those that were predicted (from 0), its row in the file (from 1), its
    target as the file has it, the prediction, and for classification the class's name in place of its number and a
    probability for each class. NPZ has `predictions`: (rows,) or (rows, outputs), `rows`, `targets`, and for
    classification `probabilities`: (rows, classes) and `classes`. There a target that is missing, or none of the
    model's classes, is -1, and NaN of a regression.
    """
    return _npz(model, predictions) if file_format == "npz" else _csv(model, predictions)


def _npz(model: Model, predictions: Iterator[Predicted]) -> Iterator[bytes]:
    parts = list(predictions)
    outputs = np.concatenate([outputs for _, outputs in parts]) if parts else _nothing(model)
    texts = [text for portion, _ in parts for text in portion.targets]
    arrays: dict[str, NDArray[Any]] = {
        "rows": np.concatenate([portion.numbers for portion, _ in parts]) if parts else np.empty(0, np.int64),
        "predictions": outputs,
        "targets": np.array([_numbers(text) for text in texts]),
    }
    if model.task == "classification":
        codes = {name: code for code, name in enumerate(model.classes)}
        arrays |= {
            "targets": np.array([codes.get(text, codes.get(_as_class(text), -1)) for text in texts], np.int64),
            "predictions": outputs.argmax(axis=1),
            "probabilities": outputs,
            "classes": np.array(model.classes, dtype=np.str_),
        }
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    yield file.getvalue()


def _csv(model: Model, predictions: Iterator[Predicted]) -> Iterator[bytes]:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    several = model.outputs if model.task == "regression" else 1
    writer.writerow(_header(model, several))
    done = 0
    for portion, outputs in predictions:
        if model.task == "classification":
            said = [plain_cell(model.classes[number]) for number in outputs.argmax(axis=1)]
            answers = [[name, *row] for name, row in zip(said, outputs.tolist(), strict=True)]
        else:
            answers = outputs.reshape(len(outputs), -1).tolist()
        lines = zip(portion.numbers.tolist(), portion.targets, answers, strict=True)
        for place, (number, text, answer) in enumerate(lines):
            targets = (text.split(" ") if text else [""] * several) if several > 1 else [plain_cell(text)]
            writer.writerow([done + place, number, *targets, *answer])
        done += len(outputs)
        yield file.getvalue().encode()
        file.seek(0)
        file.truncate()
    if file.tell():
        yield file.getvalue().encode()


def _header(model: Model, several: int) -> list[str]:
    if model.task == "classification":
        return ["index", "row", "target", "prediction", *(f"probability_{name}" for name in model.classes)]
    if several == 1:
        return ["index", "row", "target", "prediction"]
    return ["index", "row", *(f"{word}_{place}" for word in ("target", "prediction") for place in range(several))]


def plain_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: text that begins like one gets an apostrophe; numbers do not."""
    if not text.startswith(FORMULA):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def _nothing(model: Model) -> NDArray[Any]:
    return np.empty((0, model.outputs if model.task == "regression" else len(model.classes)))


def _as_class(text: str) -> str:
    """The text of a class as numbers are written there: `1` for `1.0`, `true` for `True`."""
    if text.lower() in ("true", "false"):
        return text.lower()
    try:
        return category_of(float(text))
    except (ValueError, OverflowError):
        return text


def _numbers(text: str) -> float | Sequence[float]:
    try:
        numbers = [float(part) for part in text.split(" ")]
    except ValueError:
        return np.nan
    return numbers[0] if len(numbers) == 1 else numbers
