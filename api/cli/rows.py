"""Answers to the rows of a file: asked at once where one request can hold them, else as a data set of their own."""

import csv
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from api.cli.calls import Unsuccessful
from api.cli.files import read_json
from api.schemas.predictions import MAX_ROWS
from neurond import Client, Model, Note, Prediction
from worker.jobspec import CATALOGUE

TEXTS: Final[list[str]] = CATALOGUE["readers"]["csv"]["extensions"]
FILES: Final[list[str]] = [
    ".gz",
    *(end for row in CATALOGUE["readers"].values() for end in row["extensions"] if end not in TEXTS),
]
"""What is uploaded, predicted as a whole, and deleted, as a text is that one request cannot hold."""

MOST_BYTES: Final = 8 * 1024 * 1024
"""Of a CSV file that goes in one request."""


def answers_to_file(client: Client, model: Model, file: Path, options: Mapping[str, Any]) -> Iterator[Prediction]:
    """What a model says of each row of a CSV, Parquet or NPZ file, by its columns' names.

    `options` say how CSV is written, and what a category is that training never saw (`unknown`).
    """
    suffix = file.suffix.lower()
    if suffix in TEXTS and file.stat().st_size <= MOST_BYTES:
        text = file.read_bytes()
        if text.count(b"\n") + text.count(b"\r") <= MAX_ROWS:
            yield client.predict_csv(model.id, text, **options)
            return
    yield _as_a_data_set(client, model, file, options)


def _as_a_data_set(client: Client, model: Model, file: Path, options: Mapping[str, Any]) -> Prediction:
    """Upload the file, predict all of its rows, and leave nothing behind."""
    written = {name: value for name, value in options.items() if name != "unknown"}
    dataset = client.upload(file, purpose="prediction", **written)
    try:
        read = dataset.wait()
        if read.error is not None:
            raise Unsuccessful(f"{file.name} cannot be read: {read.error.message}")
        queued = client.predict_dataset(model.id, dataset.id, split="all", unknown=options.get("unknown"))
        done = client.wait_for_prediction(queued.id)
        with tempfile.TemporaryDirectory(prefix="neurond-") as folder:
            result = Path(folder, "result.csv")
            client.prediction_result(done.id, result)
            return _prediction(model, done.id, done.notes, result)
    finally:
        client.delete_dataset(dataset.id)


def _prediction(model: Model, identifier: str, notes: list[Note], result: Path) -> Prediction:
    """The file of a whole data set as the answer to one request would be."""
    predictions: list[Any] = []
    probabilities: list[list[float]] = []
    with result.open(newline="", encoding="utf-8") as lines:
        rows = csv.reader(lines)
        head = next(rows)
        first = next(place for place, name in enumerate(head) if name.startswith("prediction"))
        for row in rows:
            if model.classes:
                numbers = [float(cell) for cell in row[first + 1 :]]
                probabilities.append(numbers)
                predictions.append(numbers.index(max(numbers)))
            else:
                values = [float(cell) for cell in row[first:]]
                predictions.append(values[0] if len(values) == 1 else values)
    return Prediction(
        id=identifier,
        object="prediction",
        status="succeeded",
        model_id=model.id,
        predictions=predictions,
        probabilities=probabilities or None,
        notes=notes,
        created_at=datetime.now(UTC),
        finished_at=datetime.now(UTC),
        error=None,
    )


def read_rows(file: Path) -> list[Any]:
    """The rows of a JSON file, or of stdin."""
    document = read_json(file, hint="; rows are also read from .csv, .tsv, .parquet and .npy files")
    rows = document.get("inputs") if isinstance(document, dict) else document
    if not isinstance(rows, list) or not rows:
        raise click.UsageError(f'{file}: expected rows, [[1, 2], …] or {{"inputs": [[1, 2], …]}}')
    return rows if isinstance(rows[0], list | dict) else [rows]
