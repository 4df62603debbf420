"""`neurond predict`: ask a model about what stands in a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api.cli.bars import LIKELIEST, OTHERS, bars
from api.cli.calls import calls_server, completes, json_option, make_console, print_json, print_table
from api.cli.digits import crop, draw
from api.cli.rows import read_csv, read_json
from api.client import Client, Model, Prediction

TABLES: Final = (".csv", ".tsv")
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
    JPEG. '-' reads JSON from stdin. Values are in the units of the data that the model was trained on; columns of a
    CSV file that the model does not have, its target among them, are left out.
    """
    model = client.model(model_id)
    answers = list(_answers(client, model, file, show=not as_json))
    if as_json:
        print_json(answers[0] if len(answers) == 1 else answers)
        return
    _show(model, answers)


def _answers(client: Client, model: Model, file: Path, *, show: bool) -> Iterator[Prediction]:
    suffix = file.suffix.lower()
    if suffix in IMAGES:
        yield client.predict_image(model.id, file.read_bytes(), kind=IMAGES[suffix], return_input=show)
    elif suffix == ".npy":
        yield client.predict_array(model.id, file.read_bytes())
    else:
        rows = read_csv(file, _kinds(model)) if suffix in TABLES else read_json(file)
        for start in range(0, len(rows), AT_ONCE):
            yield client.predict(model.id, rows[start : start + AT_ONCE])


def _kinds(model: Model) -> dict[str, str]:
    columns = model.architecture.get("preprocessing", {}).get("columns", [])
    return {column["name"]: column["kind"] for column in columns}


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
