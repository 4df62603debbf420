"""`neurond show`: all that is known of a data set, a job or a model."""

from collections.abc import Iterator
from typing import Any, Final, get_args

import click
from rich.table import Table
from rich.text import Text

from api.cli import names
from api.cli.calls import ago, calls_server, completes, json_option, make_console, print_json
from api.cli.curves import COLOURS, describe_network, turn_in_words
from api.cli.datasets import COLOURS as DATASET_COLOURS
from api.cli.models import columns_of, size
from api.cli.names import Kind, Thing
from api.cli.score import epochs_in_words, result_in_words
from neurond import Alias, Client, Dataset, Job, Model

KINDS: Final = {"numeric": "numbers", "categorical": "names", "date": "dates"}

PARTS: Final = ("train", "validation", "test")

TIMES: Final = ("seconds",)
"""What is measured of a part, and is no score."""

Line = tuple[str, str | Text]


@click.command()
@click.argument("text", metavar="THING", shell_complete=completes("models"))
@click.option("--kind", type=click.Choice(get_args(Kind)), help="What is meant, where several have the name.")
@json_option
@calls_server
def show(client: Client, *, text: str, kind: Kind | None, as_json: bool) -> None:
    """Show THING: a data set, a job or a model, by its ID or by its name; an alias shows its model.

    A job and the model that it made have one name: it shows the model, and --kind job the job.
    """
    thing = _the_one(client, text, kind)
    if as_json:
        print_json(thing)
        return
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, said in _lines(client, thing):
        grid.add_row(label, Text(said) if isinstance(said, str) else said)  # names are no markup
    console = make_console()
    console.print(Text(f"{thing.id}  {thing.name}" if thing.name not in (None, thing.id) else thing.id, "bold"))
    console.print(grid)


def _the_one(client: Client, text: str, kind: Kind | None) -> Dataset | Job | Model:
    shown: dict[str, Dataset | Job | Model] = {}
    for thing in names.things(client, text, kind):
        one = thing.model() if isinstance(thing, Alias) else thing
        shown[one.id] = one
    found = [one for one in shown.values() if not (isinstance(one, Job) and one.model_id in shown)]
    one = names.only(found, text, kind)
    return one if isinstance(one, Job) else one.refresh()  # a list leaves out what is long


def _lines(client: Client, thing: Thing) -> Iterator[Line]:
    if isinstance(thing, Dataset):
        yield from _about_dataset(thing)
    elif isinstance(thing, Job):
        yield from _about_job(client, thing)
    elif isinstance(thing, Model):
        yield from _about_model(client, thing)


def _about_dataset(dataset: Dataset) -> Iterator[Line]:
    yield "status", Text(dataset.status, DATASET_COLOURS[dataset.status])
    if dataset.error is not None:
        yield "error", Text(f"{dataset.error.code}: {dataset.error.message}", "red")
    yield "made", "built in" if dataset.built_in else ago(dataset.created_at)
    if dataset.task is not None:
        yield "learns", f"{dataset.target or 'the targets'}: {dataset.task}"
    if dataset.classes:
        counts = dict(zip(dataset.classes, dataset.class_counts, strict=False))  # of what is built in there are none
        said = (f"{name} ({counts[name]:,})" if name in counts else name for name in dataset.classes)
        yield "classes", ", ".join(said)
    if dataset.rows is not None:
        parts = f"{dataset.rows.train:,} to train on, {dataset.rows.test:,} to test"
        yield "rows", parts if dataset.task else f"{dataset.rows.total:,} to predict"
    if dataset.input_shape:
        yield "inputs", "×".join(map(str, dataset.input_shape))
    for column in dataset.columns:
        missing = f", {column.missing:,} missing" if column.missing else ""
        yield f"  {column.name}", f"{KINDS[column.kind]}{missing}"
    if dataset.column_count > len(dataset.columns):
        yield "", f"and {dataset.column_count - len(dataset.columns):,} columns more"
    for file in dataset.files:
        yield "file", f"{file.filename or file.field}, {size(file.size_bytes)}"
    for note in dataset.notes:
        yield "note", note


def _about_job(client: Client, job: Job) -> Iterator[Line]:
    yield "status", Text(job.status, COLOURS[job.status])
    if job.queue is not None:
        yield "turn", turn_in_words(job.queue.model_dump())
    if job.error is not None:
        yield "error", Text(f"{job.error.code}: {job.error.message}", "red")
    yield "submitted", ago(job.created_at)
    yield "data set", _named(client, job.dataset)
    yield "network", describe_network(job.config["model"])
    training = job.config["training"]
    yield "training", f"{_options(training['optimizer'])}, batches of {training['batch_size']}"
    yield "epochs", epochs_in_words(job.progress.model_dump(), job.metrics)
    yield "seed", str(job.config["seed"])
    yield from _scores(job.metrics)
    yield from job.metadata.items()
    if job.model_id is not None:
        yield "model", job.model_id
    for line in job.error.log if job.error else ():
        yield "log", line


def _about_model(client: Client, model: Model) -> Iterator[Line]:
    aliases = [alias.name for alias in client.aliases() if alias.model_id == model.id]
    if aliases:
        yield "alias", ", ".join(aliases)
    yield "made", f"{ago(model.created_at)}{f' by {model.job_id}' if model.job_id else ''}"
    if model.dataset is not None:
        yield "data set", _named(client, model.dataset)
    classes = f" of {len(model.classes)}: {', '.join(model.classes)}" if model.classes else ""
    yield "task", f"{model.task}{classes}"
    yield "inputs", ", ".join(columns_of(model)) or "×".join(map(str, model.architecture.get("input_shape", ())))
    yield from _scores(model.metrics)
    yield "weights", f"{size(model.size_bytes)}, sha256 {model.sha256}"


def _named(client: Client, dataset_id: str) -> str:
    name = names.dataset_names(client, [dataset_id]).get(dataset_id)
    return f"{name} ({dataset_id})" if name not in (None, dataset_id) else dataset_id


def _options(part: dict[str, Any]) -> str:
    """A part of a spec by its name, and what is said of it: `adam, learning_rate 0.01`."""
    others = (f"{name} {value}" for name, value in part.items() if name != "name" and value not in (None, False))
    return ", ".join([part["name"], *others])


def _scores(metrics: dict[str, Any]) -> Iterator[Line]:
    """The result, then what was measured on each part of the rows."""
    if result := result_in_words(metrics):
        yield "result", result
    for part in PARTS:
        of_part = {name.removeprefix(f"{part}_"): value for name, value in metrics.items() if name.startswith(part)}
        said = [
            f"{name.replace('_', ' ')} {value:.4g}"
            for name, value in of_part.items()
            if name not in TIMES and isinstance(value, int | float)
        ]
        if said:
            yield part, ", ".join(said)
