"""`neurond predict`: ask a model about what stands in a file."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api.cli.bars import LIKELIEST, OTHERS, bars
from api.cli.calls import calls_server, completes, json_option, make_console, print_json, print_table
from api.cli.digits import crop, draw
from api.cli.rows import FILES, TEXTS, answers_to_file, read_json
from api.client import Client, Model, Prediction
from api.schemas.predictions import MAX_ROWS

IMAGES: Final = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg"}

ROW: Final = "ROW "

BESIDE: Final = 50
"""Columns that bars need beside a picture."""


@click.command()
@click.argument("model_id", metavar="MODEL", shell_complete=completes("models"))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@click.option("--header/--no-header", default=None, help="Whether the first row of a CSV file names its columns.")
@click.option("--decimal", type=click.Choice([".", ","]), help="The decimal mark of its numbers.")
@click.option("--thousands", type=click.Choice([",", ".", "'", " "]), help="What groups their thousands.")
@click.option("--encoding", help="Of its text, such as windows-1252.")
@click.option("--unknown", type=click.Choice(["missing", "refuse"]), help="What a category is that training never saw.")
@json_option
@calls_server
def predict(client: Client, *, model_id: str, file: Path, as_json: bool, **options: Any) -> None:
    """Ask MODEL (an ID or an alias) about FILE.

    FILE holds rows, as CSV, Parquet, JSON ('[[…], …]' or '{"inputs": …}') or a NumPy array (.npy), or it is a picture,
    PNG or JPEG. '-' reads JSON from stdin. Values are in the units of the data that the model was trained on. A table
    is read by the service, as an upload is: its columns are found by their names, and what is not as it was in training
    is noted.
    """
    model = client.model(model_id)
    answers = list(_answers(client, model, file, {k: v for k, v in options.items() if v is not None}, show=not as_json))
    for note in (note for answer in answers for note in answer.notes):
        value = "" if note.value is None else f" {note.value!r} in {note.rows} row{'s' * (note.rows > 1)}:"
        click.echo(f"note: {note.column}:{value} {note.detail}", err=True)
    if as_json:
        print_json(answers[0] if len(answers) == 1 else answers)
        return
    _show(model, answers)


def _answers(
    client: Client, model: Model, file: Path, options: Mapping[str, Any], *, show: bool
) -> Iterator[Prediction]:
    suffix = file.suffix.lower()
    table = suffix in TEXTS + FILES
    for name in () if table else options.keys() - {"unknown"}:
        raise click.UsageError(f"--{name} is for tables in files; {file} is none")
    if suffix in IMAGES:
        yield client.predict_image(model.id, file.read_bytes(), kind=IMAGES[suffix], return_input=show)
    elif suffix == ".npy":
        yield client.predict_array(model.id, file.read_bytes())
    elif table:
        yield from answers_to_file(client, model, file, options)
    else:
        rows = read_json(file)
        for start in range(0, len(rows), MAX_ROWS):
            yield client.predict(model.id, rows[start : start + MAX_ROWS], unknown=options.get("unknown"))


def _show(model: Model, answers: list[Prediction]) -> None:
    """One row: its probabilities as bars. Many: a line for each."""
    if not model.classes:
        values = [value if isinstance(value, list) else [value] for answer in answers for value in answer.predictions]
        titles = ["PREDICTION "] if len(values[0]) == 1 else [f"PREDICTION {place} " for place in range(len(values[0]))]
        print_table(
            (ROW, *titles), ((str(row), *(f"{n:.6g}" for n in numbers)) for row, numbers in enumerate(values, 1))
        )
        return
    probabilities = [row for answer in answers for row in answer.probabilities or []]
    names = [model.classes[row.index(max(row))] for row in probabilities]
    if len(names) == 1:
        _show_one(model, names[0], probabilities[0], answers[0].inputs)
        return
    rows = (
        (str(index), name, f"{max(row):.1%}")
        for index, (name, row) in enumerate(zip(names, probabilities, strict=True), 1)
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
