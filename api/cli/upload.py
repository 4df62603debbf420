"""`neurond upload`: files to learn from."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import click
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from api.cli import names
from api.cli.calls import Unsuccessful, calls_server, json_option, make_console, print_json
from api.cli.files import A_FILE
from api.cli.reading import TABLE, TEXT, with_options
from neurond import Client, Dataset

OTHER_FILES: Final = ("labels", "test_file", "test_labels")


@click.command()
@click.argument("file", type=A_FILE, required=False)
@click.option("--from", "source", metavar="DATASET", help="Read its upload again, in place of a FILE.")
@click.option("--labels", type=A_FILE, help="The labels of an IDX file.")
@click.option("--test-file", type=A_FILE, help="The test part of an IDX file.")
@click.option("--test-labels", type=A_FILE, help="The labels of the test part.")
@click.option("--name", help="A name; the file's when not given.")
@with_options(*TABLE, *TEXT)
@click.option("--purpose", type=click.Choice(["training", "prediction"]), help="prediction: rows without a target.")
@click.option("--detach", "-d", is_flag=True, help="Do not wait until it has been read; print its ID.")
@json_option
@calls_server
def upload(
    client: Client, *, file: Path | None, source: str | None, detach: bool, as_json: bool, **options: Any
) -> None:
    """Upload FILE to train on: CSV, IDX, NPZ or Parquet, plain or gzipped.

    With --from, the upload of a data set that is there is read again as a new one: nothing is sent but the options that
    are given, and the others are as they were.

    Prints what was found in it, and what was guessed. Exits with 4 when the file cannot be used; the reason names row
    and column.
    """
    others = {field: path for field in OTHER_FILES if (path := options.pop(field)) is not None}
    if file is not None and source is None:
        dataset = send(client, file, options, others)
    elif source is not None and file is None and not others:
        dataset = client.read_again(names.dataset(client, source).id, **options)
    else:
        raise click.UsageError("expected a FILE, or --from and no file")
    if not detach:
        dataset = wait_for(dataset)
    if as_json:
        print_json(dataset)
    elif dataset.status == "processing":
        click.echo(dataset.id)
    elif dataset.status == "ready":
        describe(dataset)
        if dataset.task is not None:
            click.echo(f"Train on it: neurond train {dataset.id}")
    check(dataset, str(source if file is None else file.name))


def send(
    client: Client, file: Path, options: Mapping[str, Any], others: Mapping[str, Path] = MappingProxyType({})
) -> Dataset:
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


def check(dataset: Dataset, name: str) -> None:
    """Unsuccessful unless the file could be read; `name` is what the person calls it."""
    if dataset.error is not None:
        raise Unsuccessful(f"{name} cannot be used: {dataset.error.message}")


def wait_for(dataset: Dataset) -> Dataset:
    """The data set when it has been read."""
    with make_console(stderr=True).status("reading the file …"):
        return dataset.wait()


def describe(dataset: Dataset, *, err: bool = False) -> None:
    """Say what was found in a file, and what was guessed."""
    shape = "×".join(str(length) for length in dataset.input_shape)
    learned = f"learns {dataset.target or 'its targets'}: {dataset.task}" if dataset.task else "rows to be predicted"
    parts = [learned, f"inputs of {shape}"]
    if dataset.rows and dataset.task is None:
        parts.append(f"{dataset.rows.total:,} rows")
    elif dataset.rows:
        parts.append(f"{dataset.rows.train:,} rows to train on, {dataset.rows.test:,} to test")
    if dataset.classes:
        shown = ", ".join(dataset.classes[:10]) + (", …" if len(dataset.classes) > 10 else "")
        parts.append(f"{len(dataset.classes)} classes: {shown}")
    if dataset.missing:
        parts.append(f"{dataset.missing:,} missing values")
    click.echo(f"{dataset.id} is ready: {dataset.name}", err=err)
    for line in [*parts, *(f"note: {note}" for note in dataset.notes)]:
        click.echo(f"  {line}", err=err)
