"""`neurond train`: ask for a model."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click
import orjson

from api.cli.calls import calls_server, completes, json_option, print_json
from api.cli.jobs import end_with, watch_job
from api.client import ApiError, Client

STANDARD_INPUT: Final = "-"


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


@click.command()
@click.argument("dataset", required=False, shell_complete=completes("datasets"))
@click.option("--spec", type=click.Path(path_type=Path), help="A job's body in a JSON file; '-' reads it from stdin.")
@click.option("--preset", help="Defaults by name: 'standard', 'article', and 'table', which tables have by themselves.")
@click.option("--name", help="A name for the job and its model.")
@click.option("--seed", type=int, help="The same seed, the same model.")
@click.option("--hidden-layers", callback=_widths, metavar="N,N,…", help="Widths of the hidden layers.")
@click.option("--activation", help="Of the hidden layers: relu, tanh, gelu, …")
@click.option("--epochs", type=int, help="How often training goes over the data.")
@click.option("--batch-size", type=int, help="Rows a step.")
@click.option("--optimizer", help="sgd, adam, adamw, rmsprop, adagrad.")
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
    help="Any field: training.schedule.name=step, model.dropout=0.2; VALUE is JSON, else text; often.",
)
@click.option("--detach", "-d", is_flag=True, help="Do not wait for the end; print the job's ID.")
@json_option
@calls_server
def train(client: Client, *, dataset: str | None, detach: bool, as_json: bool, **options: Any) -> None:
    """Train a network on DATASET and watch it learn.

    DATASET is the ID of a data set ('neurond datasets'); 'mnist' is built in. What is not said has a default, which the
    job shows. Ctrl-C leaves the job at work.

    Exits with 0 when the job has succeeded, with 4 when it failed or was cancelled.
    """
    spec = make_spec(dataset, **options)
    if "dataset" not in spec:
        raise click.UsageError("say on what to train: 'neurond train mnist', or another ID of 'neurond datasets'")
    if "preset" not in spec and options["spec"] is None and _is_table(client, spec["dataset"]):
        spec["preset"] = "table"
    job = client.submit(spec)
    if detach:
        if as_json:
            print_json(job)
        else:
            click.echo(job.id)
        return
    end_with(watch_job(client, job.id, quiet=as_json), as_json=as_json)


def _is_table(client: Client, dataset: str) -> bool:
    """Whether the data set has rows of numbers and words, not images. The submit says what else is wrong with it."""
    try:
        shape = client.dataset(dataset).input_shape
    except ApiError:
        return False
    return len(shape) == 1


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
    body: dict[str, Any] = _read_spec(spec) if spec is not None else {}
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


def _read_spec(path: Path) -> dict[str, Any]:
    try:
        text = sys.stdin.buffer.read() if str(path) == STANDARD_INPUT else path.read_bytes()
        body = orjson.loads(text)
    except OSError as error:
        raise click.UsageError(f"cannot read {path}: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise click.UsageError(f"{path} is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise click.UsageError(f"{path}: expected a JSON object, the body of a job")
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
