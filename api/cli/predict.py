"""`neurond predict`: ask a model about what stands in a file."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api.cli import names
from api.cli.bars import LIKELIEST, OTHERS, bars
from api.cli.calls import calls_server, completes, json_option, make_console, print_json, print_table
from api.cli.digits import crop, draw
from api.cli.models import columns_of
from api.cli.reading import TEXT, with_options
from api.cli.rows import FILES, TEXTS, answers_to_file, read_rows
from api.cli.scored import beside, table_in, table_of
from api.schemas.predictions import MAX_ROWS
from neurond import Client, Model, Prediction

IMAGES: Final = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg"}

ARRAY: Final = ".npy"
STANDARD_OUTPUT: Final = "-"

ROW: Final = "ROW "

BESIDE: Final = 50
"""Columns that bars need beside a picture."""


@click.command()
@click.argument("model_id", metavar="MODEL", shell_complete=completes("models"))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@with_options(*TEXT)
@click.option("--unknown", type=click.Choice(["missing", "refuse"]), help="What a category is that training never saw.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="CSV to write: the columns of FILE, the prediction, the probability of each class; '-' for stdout.",
)
@json_option
@calls_server
def predict(client: Client, *, model_id: str, file: Path, output: Path | None, as_json: bool, **options: Any) -> None:
    """Ask MODEL (an ID, an alias or a name) about FILE.

    FILE holds rows, as CSV, Parquet, JSON ('[[…], …]' or '{"inputs": …}') or a NumPy array (.npy), or it is a picture,
    PNG or JPEG. '-' reads JSON from stdin. Values are in the units of the data that the model was trained on. A table
    is read by the service, as an upload is: its columns are found by their names, and what is not as it was in training
    is noted.
    """
    said = {name: value for name, value in options.items() if value is not None}
    rows = None if file.suffix.lower() in (*TEXTS, *FILES, *IMAGES, ARRAY) else read_rows(file)
    model = names.model(client, model_id)
    answers = list(_answers(client, model, file, rows, said, show=not as_json))
    for note in (note for answer in answers for note in answer.notes):
        value = "" if note.value is None else f" {note.value!r} in {note.rows} row{'s' * (note.rows > 1)}:"
        click.echo(f"note: {note.column}:{value} {note.detail}", err=True)
    if output is not None:
        _write(output, model, file, rows, answers, said, as_json=as_json)
    elif as_json:
        named = [_with_names(model, answer) for answer in answers]
        print_json(named[0] if len(named) == 1 else named)
    else:
        _show(model, answers)


def _answers(
    client: Client, model: Model, file: Path, rows: list[Any] | None, options: Mapping[str, Any], *, show: bool
) -> Iterator[Prediction]:
    suffix = file.suffix.lower()
    table = suffix in TEXTS + FILES
    for name in () if table else options.keys() - {"unknown"}:
        raise click.UsageError(f"--{name} is for tables in files; {file} is none")
    if rows is not None:
        for start in range(0, len(rows), MAX_ROWS):
            yield client.predict(model.id, rows[start : start + MAX_ROWS], unknown=options.get("unknown"))
    elif suffix in IMAGES:
        yield client.predict_image(model.id, file.read_bytes(), kind=IMAGES[suffix], return_input=show)
    elif suffix == ARRAY:
        yield client.predict_array(model.id, file.read_bytes())
    else:
        yield from answers_to_file(client, model, file, options)


def _with_names(model: Model, answer: Prediction) -> dict[str, Any]:
    """An answer with the names of the classes that its numbers stand for."""
    plain = answer.model_dump(mode="json")
    if not model.classes:
        return plain
    return plain | {"classes": model.classes, "labels": [model.classes[code] for code in plain["predictions"]]}


def _write(
    output: Path,
    model: Model,
    file: Path,
    rows: list[Any] | None,
    answers: Sequence[Prediction],
    options: Mapping[str, Any],
    *,
    as_json: bool,
) -> None:
    """Write the rows with their answers; say so, unless they went to stdout themselves."""
    count = sum(len(answer.predictions) for answer in answers)
    columns = columns_of(model)
    table = table_of(rows, columns) if rows is not None else table_in(file, options.get("encoding"), count, columns)
    if table is None:
        click.echo(f"note: {file.name} is no CSV that could be split here: its rows go by their numbers", err=True)
    try:
        with click.open_file(str(output), "w", encoding="utf-8", lazy=False) as out:
            csv.writer(out, lineterminator="\n").writerows(beside(model, answers, table))
    except OSError as error:
        raise click.FileError(str(output), error.strerror) from None
    if as_json and str(output) != STANDARD_OUTPUT:
        print_json({"path": str(output), "rows": count})
    elif str(output) != STANDARD_OUTPUT:
        click.echo(f"{output} ({count:,} row{'s' * (count != 1)})")


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
