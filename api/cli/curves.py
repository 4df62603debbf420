"""A job that learns, on a terminal: how far it is, and its loss and accuracy epoch by epoch."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Self

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from api.cli.charts import Chart, Curve
from api.cli.score import epochs_in_words
from neurond.handles import FINISHED

HEIGHT: Final = 9
SIDE_BY_SIDE: Final = 72
"""Columns from which two charts stand beside each other."""

BORDER: Final = 4
"""Columns of a panel's frame, with the blanks within it."""

TRAIN: Final = "cyan"
VALIDATION: Final = "bright_magenta"

COLOURS: Final = {"queued": "yellow", "running": "cyan", "succeeded": "green", "failed": "red", "cancelled": "yellow"}

BARS: Final = ((96, 32), (72, 16), (40, 8))
"""Columns of the terminal from which the bar has that length: beside it stands all that is said of a long, fast job."""

LONG: Final = 100
"""Epochs from which a job is long."""

REDRAWS_PER_SECOND: Final = 8

Job = Mapping[str, Any]
Epoch = Mapping[str, Any]


class Watching:
    """Shows a job while the block runs: on a terminal its curves as they grow, elsewhere a line for each epoch.

    What stays on the terminal is the last picture.
    """

    def __init__(self, console: Console, *, indent: int = 0) -> None:
        self._console = console
        self._indent = indent
        self._told = 0
        self._live = Live(console=console, refresh_per_second=REDRAWS_PER_SECOND) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, job: Job, epochs: Sequence[Epoch]) -> None:
        """Show how it stands; `epochs` are the data of all its epoch events until now."""
        if self._live is not None:
            picture = screen(job, epochs, width=self._console.width - self._indent)
            self._live.update(Padding(picture, (0, 0, 0, self._indent)))
            return
        for epoch in epochs[self._told :]:
            self._console.print(" " * self._indent + epoch_line(epoch), soft_wrap=True)
        self._told = len(epochs)


def epoch_line(epoch: Epoch) -> str:
    """An epoch in one line, as a log keeps it."""
    parts = [
        f"epoch {epoch['epoch']:>{len(str(epoch['epochs']))}}/{epoch['epochs']}",
        f"loss {epoch['train_loss']:.4f}",
    ]
    if "validation_loss" in epoch:
        parts.append(f"validation {epoch['validation_loss']:.4f}")
    if "validation_accuracy" in epoch:
        parts[-1] += f", {epoch['validation_accuracy']:.2%}"
    parts.append(f"{epoch['samples_per_second']:,.0f} samples/s")
    return "   ".join(parts)


def screen(job: Job, epochs: Sequence[Epoch], *, width: int) -> RenderableType:
    """How far a job is, its curves, and why it failed if it did."""
    parts: list[RenderableType] = [progress_line(job, width=width)]
    if epochs:
        parts.append(charts(job, epochs, width=width))
    if job["error"]:
        parts.append(Text(f"{job['error']['code']}: {job['error']['message']}", "red"))
    return Group(*parts)


def headline(job: Job, dataset: str) -> Text:
    """What a job is, in one line where there is room; `dataset` is what its data set is called."""
    parts = [job["id"], job["name"], dataset, describe_network(job["config"]["model"])]
    return Text("  ".join(part for part in parts if part), "bold", overflow="fold")


def describe_network(model: Mapping[str, Any]) -> str:
    """The hidden layers that a job asks for: `128-64 relu`, `8 × 256-256 relu` or `conv2d · max_pool2d · dense`."""
    if model.get("layers"):
        return " · ".join(layer["type"] for layer in model["layers"])
    widths = "-".join(str(width) for width in model["hidden_layers"])
    members = model.get("members") or 1  # a job of 0.1.0 has no such field
    several = f"{members} × " if members > 1 else ""
    return several + (f"{widths} {model['activation']}" if widths else "no hidden layer")


def progress_line(job: Job, *, width: int) -> RenderableType:
    """How far a job is."""
    progress, status = job["progress"], job["status"]
    epochs = progress["epochs"]
    within = progress["step"] / progress["steps"] if progress["steps"] else 0.0
    done = epochs if status == "succeeded" else max(progress["epoch"] - 1 + within, 0)
    turn = job.get("queue")
    parts = [status, turn_in_words(turn) if turn else epochs_in_words(progress, job["metrics"])]
    if progress["samples_per_second"]:
        parts.append(f"{progress['samples_per_second']:,.0f} samples/s")
    if progress["eta_seconds"] is not None and status == "running":
        parts.append(f"{timedelta(seconds=round(progress['eta_seconds']))} left")
    text = Text("  ".join(parts), overflow="fold")
    text.stylize(f"bold {COLOURS[status]}", 0, len(status))
    size = next((size for least, size in BARS if width >= least), 0)
    bar = ProgressBar(epochs, done, size, complete_style="cyan", finished_style="green")
    line = Table.grid(expand=False, padding=(0, 1))
    line.add_row(bar, text)
    return line


def turn_in_words(turn: Mapping[str, Any]) -> str:
    """When a job's turn comes: its place in the queue and, where that can be told, how soon."""
    soon = turn["starts_in_seconds"]
    return f"place {turn['position']:,} in the queue" + (
        "" if soon is None else f", begins in about {timedelta(seconds=round(soon))}"
    )


def charts(job: Job, epochs: Sequence[Epoch], *, width: int) -> RenderableType:
    """Loss and, where the job classifies, accuracy; beside each other where there is room."""
    end = x_end(epochs[-1]["epoch"], job["progress"]["epochs"], over=job["status"] in FINISHED)
    kept = job["metrics"].get("best_epoch")
    drawn = {"loss": _chart(epochs, "loss", end, "{:.3g}".format, kept)}
    if any("train_accuracy" in epoch or "validation_accuracy" in epoch for epoch in epochs):
        drawn["accuracy"] = _chart(epochs, "accuracy", end, "{:.4g} %".format, kept)
    if width < SIDE_BY_SIDE:
        return Group(*(_panel(title, chart) for title, chart in drawn.items()))
    lines = max(len(chart.legend(width // len(drawn) - BORDER)) for chart in drawn.values())
    grid = Table.grid(expand=True)
    for _ in drawn:
        grid.add_column(ratio=1)
    grid.add_row(*(_panel(title, replace(chart, legend_lines=lines)) for title, chart in drawn.items()))
    return grid


def x_end(done: int, epochs: int, *, over: bool = False) -> int:
    """The right end of the x axis: that of the job or, while a long one has just begun, some way before it.

    Of a job that is `over`, maybe early, it is its last epoch.
    """
    return done if over else min(epochs, max(LONG, 1 << (max(done, 1) - 1).bit_length()))


def _chart(epochs: Sequence[Epoch], measure: str, end: int, write: Any, kept: int | None) -> Chart:
    """The curves of a measure, of training and validation, with rings on the epoch whose weights are kept."""
    factor = 100 if measure == "accuracy" else 1
    curves = []
    for part, style in (("train", TRAIN), ("validation", VALIDATION)):
        name = f"{part}_{measure}"
        points = [(epoch["epoch"], epoch[name] * factor) for epoch in epochs if name in epoch]
        if points or name == "train_loss":
            curves.append(Curve(part, style, points, next((point for point in points if point[0] == kept), None)))
    return Chart(curves, HEIGHT, end, write)


def _panel(title: str, chart: Chart) -> Panel:
    return Panel(
        chart, title=Text(title, "bold"), title_align="left", box=box.ROUNDED, border_style="dim", padding=(0, 1)
    )
