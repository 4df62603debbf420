"""`neurond predict`: ask a model about what stands in a file."""

import csv
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
import orjson
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api.cli.bars import LIKELIEST, OTHERS, bars
from api.cli.calls import calls_server, completes, json_option, make_console, print_json, print_table
from api.cli.digits import crop, draw
from api.client import ApiError, Client, Model, Prediction

IMAGES: Final = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg"}

AT_ONCE: Final = 10_000
"""Rows that one request may hold; more are asked in turn."""

ROW: Final = "ROW "

BESIDE: Final = 50
"""Columns that bars need beside a picture."""


@click.command()
@click.argument("model_id", metavar="MODEL", shell_complete=completes("models"))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@json_option
@calls_server
def predict(client: Client, *, model_id: str, file: Path, as_json: bool) -> None:
    """Ask MODEL (an ID or an alias) about FILE.

    FILE holds rows, as CSV, JSON ('[[…], …]' or '{"inputs": …}') or a NumPy array (.npy), or it is a picture, PNG or
    JPEG. '-' reads JSON from stdin. Values are in the units of the data that the model was trained on; a column of a
    CSV file that is the model's target is left out.
    """
    answers = list(_answers(client, model_id, file, show=not as_json))
    if as_json:
        print_json(answers[0] if len(answers) == 1 else answers)
        return
    _show(client.model(model_id), answers)


def _answers(client: Client, model_id: str, file: Path, *, show: bool) -> Iterator[Prediction]:
    suffix = file.suffix.lower()
    if suffix in IMAGES:
        yield client.predict_image(model_id, file.read_bytes(), kind=IMAGES[suffix], return_input=show)
    elif suffix == ".npy":
        yield client.predict_array(model_id, file.read_bytes())
    else:
        rows = _without_target(client, model_id, read_csv(file)) if suffix == ".csv" else read_json(file)
        for start in range(0, len(rows), AT_ONCE):
            yield client.predict(model_id, rows[start : start + AT_ONCE])


def read_json(file: Path) -> list[Any]:
    """The rows of a JSON file, or of stdin."""
    try:
        document = orjson.loads(sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise click.UsageError(f"{file} is not JSON: {error}; rows are also read from .csv and .npy files") from None
    rows = document.get("inputs") if isinstance(document, dict) else document
    if not isinstance(rows, list) or not rows:
        raise click.UsageError(f'{file}: expected rows, [[1, 2], …] or {{"inputs": [[1, 2], …]}}')
    return rows if isinstance(rows[0], list | dict) else [rows]


def read_csv(file: Path) -> list[Any]:
    """The rows of a CSV file: lists of numbers; under a row of names, objects."""
    with file.open(newline="", encoding="utf-8-sig") as text:
        rows = [row for row in csv.reader(text) if row]
    if not rows:
        raise click.UsageError(f"{file} is empty; expected rows")
    head, *rest = rows
    if all(_is_number(cell) for cell in head):
        return [[_value(cell) for cell in row] for row in rows]
    if not rest:
        raise click.UsageError(f"{file} has a row of names and no other; expected rows under it")
    return [dict(zip(head, map(_value, row), strict=False)) for row in rest]


def _without_target(client: Client, model_id: str, rows: list[Any]) -> list[Any]:
    """The rows without the column that the model learned to tell, where the file has it."""
    if not isinstance(rows[0], dict):
        return rows
    dataset = client.model(model_id).dataset
    try:
        target = client.dataset(dataset).target if dataset else None
    except ApiError:
        return rows  # deleted, and with it the column's name
    if target not in rows[0]:
        return rows
    click.echo(
        f"The column {target!r} is what the model predicts; it is left out of what the model is asked.", err=True
    )
    return [{name: value for name, value in row.items() if name != target} for row in rows]


def _is_number(cell: str) -> bool:
    return isinstance(_value(cell), float | int) or not cell.strip()


def _value(cell: str) -> float | int | str | None:
    """A number where it is one; nothing where nothing stands."""
    if not cell.strip():
        return None
    for kind in (int, float):
        try:
            number = kind(cell)
        except ValueError:
            continue
        return number if math.isfinite(number) else None
    return cell


def _show(model: Model, answers: list[Prediction]) -> None:
    """One row: its probabilities as bars. Many: a line for each."""
    if not model.classes:
        values = [value if isinstance(value, list) else [value] for answer in answers for value in answer.predictions]
        titles = ["PREDICTION "] if len(values[0]) == 1 else [f"PREDICTION {place} " for place in range(len(values[0]))]
        print_table((ROW, *titles), ((str(row), *(f"{n:.6g}" for n in numbers)) for row, numbers in enumerate(values)))
        return
    probabilities = [row for answer in answers for row in answer.probabilities or []]
    names = [model.classes[row.index(max(row))] for row in probabilities]
    if len(names) == 1:
        _show_one(model, names[0], probabilities[0], answers[0].inputs)
        return
    rows = (
        (str(index), name, f"{max(row):.1%}")
        for index, (name, row) in enumerate(zip(names, probabilities, strict=True))
    )
    print_table((ROW, "PREDICTION", "PROBABILITY "), rows)


def _show_one(model: Model, name: str, probabilities: list[float], seen: list[list[int | float]] | None) -> None:
    """The class and its probabilities and, beside them on a terminal, the picture as the network saw it."""
    console = make_console()
    shown = bars(model.classes, probabilities)
    _, width, *channels = (*model.architecture["input_shape"], 0)[:3]
    if not (seen and console.is_terminal and channels in ([0], [1]) and width + BESIDE <= console.width):
        console.print(Text(name, LIKELIEST), shown, sep="\n")
        return
    table = Table.grid(padding=(0, 3))
    picture = draw(console, crop(seen[0], width=width, margin=0))
    table.add_row(Group(picture, Text("as the network saw it", OTHERS)), Group(Text(name, LIKELIEST), Text(), shown))
    console.print(Padding(table, (1, 0, 1, 2)))
