"""`neurond demo`: the whole way once, from nothing to a network that reads digits, over HTTP."""

import contextlib
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import click
import orjson
from rich.columns import Columns
from rich.console import Console, Group
from rich.padding import Padding
from rich.text import Text

from api.cli import INTERRUPTED
from api.cli.bars import spark
from api.cli.curves import Watching
from api.cli.digits import crop, draw
from api.cli.services import read_settings
from api.cli.up import Interrupted, interruptible, say_at_the_end, stay
from api.local.embedded import EmbeddedError
from api.local.stack import Stack, StackError
from neurond import Client, ClientError, Job, Model

SPEC: Final[dict[str, Any]] = {"dataset": "mnist", "name": "demo", "seed": 42}

STOPPED: Final = "Stopped; nothing is left behind."

ASKED: Final = 100
DRAWN: Final = 6
DRAWN_IN_A_ROW: Final = 3
IMAGE_WIDTH: Final = 28
MARGIN: Final = 2
"""Pixels that are left out on each side, so that three images fit in 80 columns."""


class DemoError(Exception):
    """Raised when the demo's job does not succeed."""


@click.command()
@click.option("--keep", is_flag=True, help="Leave the service up, to be looked at in a browser, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object last, all else to stderr.")
def demo(keep: bool, as_json: bool) -> None:
    """Train a network on MNIST over HTTP and let it read digits, then stop everything.

    Uses a data folder of its own, which goes with it.
    """
    console = Console(stderr=as_json, highlight=False)
    try:
        with interruptible(), tempfile.TemporaryDirectory(prefix="neurond-") as folder:
            _run(console, Path(folder), keep=keep, as_json=as_json)
    except Interrupted:
        say_at_the_end(STOPPED, err=as_json)
        raise SystemExit(INTERRUPTED) from None
    except (StackError, EmbeddedError, ClientError, DemoError) as error:
        raise click.ClickException(str(error)) from None


def _run(console: Console, folder: Path, *, keep: bool, as_json: bool) -> None:
    begun = time.monotonic()
    with console.status("Starting Valkey, the API and the workers …"):
        stack = Stack(read_settings(), folder=folder, host="127.0.0.1", port=0, tell=console.print)
        stack.__enter__()
    try:
        console.print(
            f"[green]✓[/] The service is up at {stack.url} after {time.monotonic() - begun:.1f} s:\n"
            "  Valkey, the API, and a worker each for training, predictions and files"
        )
        with Client(stack.url) as client:
            job = _train(console, client)
            _report(console, job, time.monotonic() - begun)
            _read_digits(console, client, job.model())
        if keep:
            _say(job, begun, as_json=as_json)
            say_where_it_stays(console, stack.url, job)
            with contextlib.suppress(Interrupted):  # the end that was meant
                stay(stack)
    finally:
        stack.__exit__(None, None, None)
    if keep:
        say_at_the_end(STOPPED, err=as_json)
        return
    say_how_to_go_on(console)
    _say(job, begun, as_json=as_json)


def _say(job: Job, begun: float, *, as_json: bool) -> None:
    """The result for a script."""
    if as_json:
        result = {name: job.metrics[name] for name in ("test_accuracy", "train_seconds", "samples_per_second")}
        result |= {"wall_seconds": round(time.monotonic() - begun, 3), "job_id": job.id, "model_id": job.model_id}
        click.echo(orjson.dumps(result).decode())


def _train(console: Console, client: Client) -> Job:
    """Submit the job and show how it goes; gives the finished job."""
    job = client.submit(SPEC)
    config = job.config
    layers = "-".join(str(width) for width in [784, *config["model"]["hidden_layers"], 10])
    console.print(
        f"[green]✓[/] POST /v1/jobs → {job.id}\n"
        f"  MNIST, {layers}, {config['model']['activation']}, batches of {config['training']['batch_size']}"
    )
    with Watching(console, indent=2) as watch:
        for job in client.follow(job.id):  # noqa: B020  # the same job, further on
            epochs = [event.data for event in client.events(job.id) if event.event == "epoch"]
            watch.show(job.model_dump(mode="json"), epochs)
    if job.status != "succeeded":
        raise DemoError(f"the job {job.status}: {job.error.message if job.error else ''}")
    return job


def _report(console: Console, job: Job, wall_seconds: float) -> None:
    metrics = job.metrics
    console.print(
        f"[green]✓[/] [bold]{metrics['test_accuracy']:.2%} test accuracy[/] "
        "on MNIST's own 10,000 test images, never trained on\n"
        f"  knowing nothing, always saying {metrics['baseline_class']}: {metrics['baseline']:.2%}\n"
        f"  trained in {metrics['train_seconds']:.1f} s, {metrics['samples_per_second']:,.0f} images/s; "
        f"{wall_seconds:.1f} s since the command began"
    )


def _read_digits(console: Console, client: Client, model: Model) -> None:
    """Ask the model about test images: draw the first few, and the one that it is least sure of."""
    samples = client.samples("mnist", split="test", offset=0, limit=ASKED)
    answer = model.predict([sample.x for sample in samples])
    console.print(f"[green]✓[/] POST /v1/models/{model.id}/predictions")
    console.print(f"  {ASKED} test images; of all, it is least sure of the last one here")
    read = list(zip(samples, answer.predictions, answer.probabilities or [], strict=True))
    least_sure = min(read, key=lambda one: max(one[2]))
    pictures = []
    for sample, digit, probabilities in [*read[: DRAWN - 1], least_sure]:
        right = digit == sample.y
        verdict = Text(f"reads {digit}  {max(probabilities):.1%}", "bold green" if right else "bold red")
        verdict.append("" if right else f"  it is {sample.y}", "red")
        picture = draw(console, crop(sample.x, width=IMAGE_WIDTH, margin=MARGIN))
        pictures.append(Group(picture, verdict, spark(probabilities), Text("0123456789", "dim"), Text()))
    for start in range(0, len(pictures), DRAWN_IN_A_ROW):
        row = Columns(pictures[start : start + DRAWN_IN_A_ROW], padding=(0, 2))
        console.print(Padding(row, (0 if start else 1, 0, 0, 2)))


def say_where_it_stays(console: Console, url: str, job: Job) -> None:
    """The lines of `--keep`: links to what was made, each on a line of its own so that it can be clicked."""
    console.print("The service stays up until Ctrl-C, and its data with it:\n")
    for link, what in (
        (f"{url}/#/train?runs={job.id}", "the curves of this job"),
        (f"{url}/#/draw?model={job.model_id}", "draw digits for it"),
    ):
        console.print(f"  [cyan]{link}[/]", soft_wrap=True)
        console.print(f"  [dim]{what}[/]", soft_wrap=True)


def say_how_to_go_on(console: Console) -> None:
    """The lines with which the demo parts; a test runs them."""
    console.print("Go on with the real thing; jobs and models stay:\n")
    for command, what in (
        ("neurond up", "the service; its page is http://127.0.0.1:8000"),
        ("neurond train mnist", "a job like this one, from a second terminal"),
        ("neurond jobs", "what was trained; 'neurond -h' has the rest"),
        ("curl http://127.0.0.1:8000/v1/jobs", "the same over HTTP"),
    ):
        console.print(f"  [cyan]{command:<36}[/][dim]{what}[/]", soft_wrap=True)
