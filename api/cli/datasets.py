"""`neurond datasets`: what there is to learn from."""

from typing import Final

import click
from rich.text import Text

from api.cli.calls import ago, calls_server, json_option, print_json, print_table
from neurond import Client, Dataset

COLOURS: Final = {"processing": "yellow", "ready": "green", "failed": "red"}


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
