"""`neurond train`: ask for a model."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import orjson

from api.cli import names
from api.cli.calls import calls_server, completes, json_option, print_json
from api.cli.choices import WithNames, complete_assignment, completed
from api.cli.files import read_object
from api.cli.jobs import end_with, watch_job
from api.cli.reading import READING, TABLE, TEXT, with_options
from api.cli.upload import check, describe, send, wait_for
from neurond import Client, Dataset
from worker.jobspec import BUILT_IN_DATASETS


def _assignment(_: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = [text.partition("=") for text in given]
    for name, equals, _value in pairs:
        if not (name and equals):
            raise click.BadParameter(f"expected NAME=VALUE, got {name!r}", param=parameter)
    return [(name, value) for name, _, value in pairs]


def _widths(_: click.Context, parameter: click.Parameter, given: str | None) -> list[int] | None:
    if given is None:
        return None
    try:
        return [int(width) for width in given.split(",") if width.strip()]
    except ValueError:
        raise click.BadParameter(
            f"expected whole numbers with commas between, got {given!r}", param=parameter
        ) from None


@click.command(cls=WithNames)
@click.argument("data", metavar="[DATASET|FILE]", required=False, shell_complete=completes("datasets"))
@click.option("--spec", type=click.Path(path_type=Path), help="A job's body in a JSON file; '-' reads it from stdin.")
@click.option(
    "--preset", shell_complete=completed("preset"), help="Defaults by name; a table has 'table' where none is said."
)
@click.option("--name", help="A name for the job and its model.")
@click.option("--seed", type=int, help="The same seed, the same model.")
@click.option("--hidden-layers", callback=_widths, metavar="N,N,…", help="Widths of the hidden layers.")
@click.option("--activation", shell_complete=completed("model.activation"), help="Of the hidden layers.")
@click.option("--epochs", type=int, help="How often training goes over the data.")
@click.option("--batch-size", type=int, help="Rows a step.")
@click.option("--optimizer", shell_complete=completed("training.optimizer.name"), help="How a gradient becomes a step.")
@click.option("--learning-rate", type=float, help="Of the optimizer.")
@click.option(
    "--teacher",
    "teachers",
    multiple=True,
    metavar="MODEL",
    shell_complete=completes("models"),
    help="Learn its answers, not the labels; of several, their mean.",
)
@click.option("--metadata", multiple=True, callback=_assignment, metavar="NAME=TEXT", help="A word of your own; often.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    callback=_assignment,
    metavar="PATH=VALUE",
    shell_complete=complete_assignment,
    help="Any field: training.schedule.name=step, model.dropout=0.2; VALUE is JSON, else text; often.",
)
@with_options(*TABLE, *TEXT)
@click.option("--detach", "-d", is_flag=True, help="Do not wait for the end; print the job's ID.")
@json_option
@calls_server
def train(client: Client, *, data: str | None, detach: bool, as_json: bool, **options: Any) -> None:
    """Train a network on DATASET, or on FILE, and watch it learn.

    DATASET is the ID or the name of a data set ('neurond datasets'); 'mnist' is built in. FILE is uploaded first:
    --target says which of its columns to learn, and the options after it how it is read. What is not said has a
    default, which the job shows. Ctrl-C leaves the job at work.

    Exits with 0 when the job has succeeded, with 4 when it failed or was cancelled, or FILE cannot be used.
    """
    reading = {name: value for name in READING if (value := options.pop(name)) is not None}
    file = _file(data)
    if reading and file is None:
        raise click.UsageError(
            f"--{min(reading).replace('_', '-')} is for a FILE; 'neurond upload --from DATASET' reads an upload again "
            "with other choices"
        )
    spec = make_spec(data, **options)
    if "dataset" not in spec:
        raise click.UsageError("say on what to train: 'neurond train mnist', a name of 'neurond datasets', or a file")
    if teachers := options["teachers"]:
        _put(spec, "training.teacher.models", [names.model(client, teacher).id for teacher in teachers])
    if data is not None and spec["dataset"] == data:  # unless '--set dataset=…' says another
        learned = _learned(client, data, file, reading, quiet=as_json or detach)
        spec["dataset"] = learned.id
        if "preset" not in spec and options["spec"] is None and len(learned.input_shape) == 1:  # a table, no images
            spec["preset"] = "table"
    job = client.submit(spec)
    if detach:
        if as_json:
            print_json(job)
        else:
            click.echo(job.id)
        return
    end_with(watch_job(client, job.id, quiet=as_json), as_json=as_json)


def _file(data: str | None) -> Path | None:
    """The file that is meant, if one is; what is built in goes before a file of its name."""
    return Path(data) if data is not None and data not in BUILT_IN_DATASETS and Path(data).is_file() else None


def _learned(client: Client, data: str, file: Path | None, reading: Mapping[str, Any], *, quiet: bool) -> Dataset:
    """The data set that is meant. That of a file is uploaded; what was found in it is said, if `quiet` on stderr."""
    if file is None:
        return names.dataset(client, data, otherwise=", or a file")
    dataset = wait_for(send(client, file, reading))
    check(dataset, file.name)
    describe(dataset, err=quiet)
    return dataset


def make_spec(
    dataset: str | None,
    *,
    spec: Path | None = None,
    preset: str | None = None,
    name: str | None = None,
    seed: int | None = None,
    hidden_layers: list[int] | None = None,
    activation: str | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    optimizer: str | None = None,
    learning_rate: float | None = None,
    teachers: Sequence[str] = (),
    metadata: list[tuple[str, str]] | None = None,
    settings: list[tuple[str, str]] | None = None,
) -> dict[str, Any]:
    """The body of a submit: the file's, under what the options say, under what `--set` says."""
    body: dict[str, Any] = read_object(spec, "the body of a job") if spec is not None else {}
    said = {
        "dataset": dataset,
        "preset": preset,
        "name": name,
        "seed": seed,
        "model.hidden_layers": hidden_layers,
        "model.activation": activation,
        "training.epochs": epochs,
        "training.batch_size": batch_size,
        "training.optimizer.name": optimizer,
        "training.optimizer.learning_rate": learning_rate,
        "training.teacher.models": list(teachers) or None,
    }
    if optimizer is not None and _name_in(body, "training", "optimizer") != optimizer:
        _put(body, "training.optimizer", {})  # the options of another one would be refused
    for path, value in said.items():
        if value is not None:
            _put(body, path, value)
    for key, text in metadata or ():
        if body.get("metadata") is None:
            body["metadata"] = {}
        if not isinstance(body["metadata"], dict):
            raise click.UsageError(f"metadata: expected an object, got {body['metadata']!r}")
        body["metadata"][key] = text
    for path, text in settings or ():
        _put(body, path, _value(text))
    return body


def _name_in(body: Any, *path: str) -> Any:
    for part in (*path, "name"):
        body = body.get(part) if isinstance(body, dict) else None
    return body


def _put(body: dict[str, Any], path: str, value: Any) -> None:
    *folders, last = path.split(".")
    here = body
    for folder in folders:
        inner = here.get(folder)
        if inner is None:  # as a part that is not wanted stands in a job's config
            inner = here[folder] = {}
        if not isinstance(inner, dict):
            raise click.UsageError(f"{path}: {folder!r} is no object, it has no fields")
        here = inner
    here[last] = value


def _value(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
