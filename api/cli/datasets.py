"""`neurond datasets` and `upload`: what there is to learn from."""

from pathlib import Path
from typing import Any, Final

import click
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.text import Text

from api.cli.calls import (
    Unsuccessful,
    ago,
    calls_server,
    json_option,
    make_console,
    print_json,
    print_table,
)
from api.client import Client, Dataset

COLOURS: Final = {"processing": "yellow", "ready": "green", "failed": "red"}

OTHER_FILES: Final = ("labels", "test_file", "test_labels")

A_FILE: Final = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1), help="How many at most.")
@json_option
@calls_server
def datasets(client: Client, *, limit: int, as_json: bool) -> None:
    """List data sets, newest first; those built in come last."""
    found = list(client.datasets(limit=limit))
    if as_json:
        print_json(found)
    else:
        columns = ("ID", "STATUS", "NAME", "TASK", "ROWS ", "INPUT ", "CLASSES ", "UPLOADED")
        print_table(columns, map(_row, found), spare=("CLASSES ", "INPUT ", "UPLOADED"))


def _row(dataset: Dataset) -> tuple[str | Text, ...]:
    return (
        dataset.id,
        Text(dataset.status, COLOURS[dataset.status]),
        dataset.name or "",
        dataset.task or "",
        f"{dataset.rows.total or dataset.rows.train + dataset.rows.test:,}" if dataset.rows else "",
        "×".join(str(length) for length in dataset.input_shape),
        str(dataset.class_count or len(dataset.classes) or ""),
        "built in" if dataset.built_in else ago(dataset.created_at),
    )


@click.command()
@click.argument("file", type=A_FILE, required=False)
@click.option("--from", "source", metavar="ID", help="Read the upload of this data set again, in place of a FILE.")
@click.option("--labels", type=A_FILE, help="The labels of an IDX file.")
@click.option("--test-file", type=A_FILE, help="The test part of an IDX file.")
@click.option("--test-labels", type=A_FILE, help="The labels of the test part.")
@click.option("--name", help="A name; the file's when not given.")
@click.option(
    "--target", help="The column to learn; when not given: target, label, class, labels, outcome or y, else the last."
)
@click.option("--task", type=click.Choice(["classification", "regression"]), help="Guessed when not given.")
@click.option("--categorical", help="Columns whose numbers are names, with commas between.")
@click.option("--leave-out", help="Columns that are not used, with commas between.")
@click.option("--header/--no-header", default=None, help="Whether the first row of a CSV file names its columns.")
@click.option("--decimal", type=click.Choice([".", ","]), help="The decimal mark of its numbers.")
@click.option("--thousands", type=click.Choice([",", ".", "'", " "]), help="What groups their thousands.")
@click.option("--encoding", help="Of its text, such as windows-1252.")
@click.option("--purpose", type=click.Choice(["training", "prediction"]), help="prediction: rows without a target.")
@click.option("--test-split", type=click.FloatRange(0, 1, max_open=True), help="Share that training never sees.")
@click.option("--detach", "-d", is_flag=True, help="Do not wait until it has been read; print its ID.")
@json_option
@calls_server
def upload(
    client: Client, *, file: Path | None, source: str | None, detach: bool, as_json: bool, **options: Any
) -> None:
    """Upload FILE to train on: CSV, NPZ, IDX or Parquet, plain or gzipped.

    With --from, the upload of a data set that is there is read again as a new one: nothing is sent but the options that
    are given, and the others are as they were.

    Prints what was found in it, and what was guessed. Exits with 4 when the file cannot be used; the reason names row
    and column.
    """
    others = {field: path for field in OTHER_FILES if (path := options.pop(field)) is not None}
    if file is not None and source is None:
        dataset = _send(client, file, others, options)
    elif source is not None and file is None and not others:
        dataset = client.read_again(source, **options)
    else:
        raise click.UsageError("expected a FILE, or --from and no file")
    if not detach:
        with make_console(stderr=True).status("reading the file …"):
            dataset = dataset.wait()
    if as_json:
        print_json(dataset)
    elif dataset.status == "processing":
        click.echo(dataset.id)
    elif dataset.status == "ready":
        describe(dataset)
    if dataset.error is not None:
        name = source if file is None else file.name
        raise Unsuccessful(f"{name} cannot be used: {dataset.error.message}")


def _send(client: Client, file: Path, others: dict[str, Path], options: dict[str, Any]) -> Dataset:
    """Upload with a bar, on a terminal."""
    bar = Progress(
        TextColumn("uploading"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=make_console(stderr=True),
        transient=True,
        disable=not make_console(stderr=True).is_terminal,
    )
    with bar:
        task = bar.add_task("uploading", total=sum(path.stat().st_size for path in (file, *others.values())))
        return client.upload(file, others=others, progress=lambda count: bar.advance(task, count), **options)


def describe(dataset: Dataset) -> None:
    """What was found in a file."""
    shape = "×".join(str(length) for length in dataset.input_shape)
    parts = [dataset.task or "rows to be predicted", f"inputs of {shape}"]
    if dataset.rows and dataset.task is None:
        parts.append(f"{dataset.rows.total:,} rows")
    elif dataset.rows:
        parts.append(f"{dataset.rows.train:,} rows to train on, {dataset.rows.test:,} to test")
    if dataset.classes:
        shown = ", ".join(dataset.classes[:10]) + (", …" if len(dataset.classes) > 10 else "")
        parts.append(f"{len(dataset.classes)} classes: {shown}")
    if dataset.missing:
        parts.append(f"{dataset.missing:,} missing values")
    click.echo(f"{dataset.id} is ready: {dataset.name}")
    for line in [*parts, *(f"note: {note}" for note in dataset.notes)]:
        click.echo(f"  {line}")
    if dataset.task is not None:
        click.echo(f"Train on it: neurond train {dataset.id}")
