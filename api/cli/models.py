"""`neurond models`, `export` and `import`: what was trained."""

from collections.abc import Mapping
from pathlib import Path

import click
from rich.text import Text

from api.cli import names
from api.cli.calls import ago, calls_server, completes, json_option, print_json, print_table
from api.cli.files import A_FILE, read_object
from api.cli.score import result_cell
from neurond import Client, Model
from worker.jobspec import CATALOGUE


@click.command()
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1), help="How many at most.")
@json_option
@calls_server
def models(client: Client, *, limit: int, as_json: bool) -> None:
    """List models, newest first."""
    found = list(client.models(limit=limit))
    if as_json:
        print_json(found)
    elif not found:
        click.echo("No models. 'neurond train mnist' makes one.", err=True)
    else:
        columns = ("ID", "NAME", "DATA SET", "TASK", "RESULT", "SIZE ", "MADE")
        called = names.dataset_names(client, (model.dataset for model in found if model.dataset))
        rows = [_row(model, called) for model in found]
        print_table(columns, rows, spare=("TASK", "SIZE ", "MADE", "DATA SET"))


def _row(model: Model, called: Mapping[str, str]) -> tuple[str | Text, ...]:
    return (
        model.id,
        model.name or "",
        called.get(model.dataset or "", model.dataset or ""),
        model.task,
        result_cell(model.metrics),
        size(model.size_bytes),
        ago(model.created_at),
    )


def columns_of(model: Model) -> list[str]:
    """The columns of the table that a model learned from, by name; none where that was no table."""
    return [column["name"] for column in model.architecture.get("preprocessing", {}).get("columns", ())]


def size(count: float) -> str:
    """A number of bytes, short."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} GB"


@click.command()
@click.argument("model_id", metavar="MODEL", shell_complete=completes("models"))
@click.option(
    "--format",
    "kind",
    default="safetensors",
    show_default=True,
    type=click.Choice(CATALOGUE["exports"]),
    help="safetensors loads into PyTorch; onnx runs anywhere, raw rows in, probabilities out.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Where to; MODEL.FORMAT here.")
@json_option
@calls_server
def export(client: Client, *, model_id: str, kind: str, output: Path | None, as_json: bool) -> None:
    """Write the weights of MODEL (an ID, an alias or a name) to a file."""
    path = output or Path(f"{model_id}.{kind}")
    try:
        count = client.export(names.model(client, model_id).id, path, format=kind)
    except OSError as error:
        raise click.FileError(str(path), error.strerror) from None
    if as_json:
        print_json({"path": str(path), "format": kind, "size_bytes": count})
    else:
        click.echo(f"{path} ({size(count)})")


@click.command("import")
@click.argument("file", type=A_FILE)
@click.option("--name", help="A name; the file's when not given.")
@click.option("--architecture", type=A_FILE, help="JSON that says what a plain state dict does not: layers, classes.")
@json_option
@calls_server
def import_model(client: Client, *, file: Path, name: str | None, architecture: Path | None, as_json: bool) -> None:
    """Bring a model from FILE, safetensors or npz: an export of ours, or a state dict of PyTorch."""
    described = None if architecture is None else read_object(architecture, "an architecture")
    model = client.import_model(file, name=name, architecture=described)
    if as_json:
        print_json(model)
    else:
        click.echo(f"{model.id} is ready: {model.name}, {model.task}\nAsk it: neurond predict {model.id} FILE")
