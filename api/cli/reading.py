"""Options that say how a file is read; what is not said is read off the file."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import click

Decorator: TypeAlias = Callable[[Any], Any]

TEXT: Final[tuple[Decorator, ...]] = (
    click.option("--header/--no-header", default=None, help="Whether the first row of a CSV file names its columns."),
    click.option("--decimal", type=click.Choice([".", ","]), help="The decimal mark of its numbers."),
    click.option("--thousands", type=click.Choice([",", ".", "'", " "]), help="What groups their thousands."),
    click.option("--encoding", help="Of its text, such as windows-1252."),
)
"""How text is written."""

TABLE: Final[tuple[Decorator, ...]] = (
    click.option(
        "--target",
        help="The column to learn; when not given: target, label, class, labels, outcome or y, else the last.",
    ),
    click.option("--task", type=click.Choice(["classification", "regression"]), help="Guessed when not given."),
    click.option("--categorical", help="Columns whose numbers are names, with commas between."),
    click.option("--leave-out", help="Columns that are not used, with commas between."),
    click.option("--test-split", type=click.FloatRange(0, 1, max_open=True), help="Share that training never sees."),
)
"""What is learned of a table, and from what."""

READING: Final = (
    "target",
    "task",
    "categorical",
    "leave_out",
    "test_split",
    "header",
    "decimal",
    "thousands",
    "encoding",
)
"""The names of these options."""


def with_options(*options: Decorator) -> Decorator:
    """A decorator that gives a command these options, in this order."""

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
