"""The names that a job may say, from the catalogue: for the help, and for the shell to complete."""

from collections.abc import Callable, Iterator
from typing import Final

import click
from click.shell_completion import CompletionItem

from worker.jobspec import CATALOGUE, PRESETS, ModelSpec, TrainingSpec

NAMES: Final = {
    "preset": [*PRESETS],
    "model.layers": sorted({*CATALOGUE["layers"], *CATALOGUE["activations"]}),
    "model.activation": [*CATALOGUE["activations"]],
    "model.initializer": CATALOGUE["initializers"],
    "model.preprocessing": [*CATALOGUE["preprocessing"]],
    "training.loss": [*CATALOGUE["losses"]],
    "training.optimizer.name": [*CATALOGUE["optimizers"]],
    "training.schedule.name": [*CATALOGUE["schedules"]],
    "training.augmentation": [*CATALOGUE["augmentation"]["options"]],
    "model": [*ModelSpec.model_fields],
    "training": [*TrainingSpec.model_fields],
}
"""Field of a job → what may stand there, or in it."""


class WithNames(click.Command):
    """A command whose help ends with them."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a list of names for each field."""
        with formatter.section("Names for --set and --spec"):
            formatter.write_dl([(field, ", ".join(names)) for field, names in NAMES.items()])
        super().format_epilog(ctx, formatter)


def completed(field: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Complete a name of this field."""
    return lambda _context, _parameter, begun: [CompletionItem(n) for n in NAMES[field] if n.startswith(begun)]


def complete_assignment(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete PATH=VALUE."""
    return [CompletionItem(text) for text in _assignments() if text.startswith(begun)]


def _assignments() -> Iterator[str]:
    for field, names in NAMES.items():
        fields = field in {"model", "training", "training.augmentation"}
        yield from (f"{field}.{name}=" if fields else f"{field}={name}" for name in names)
