"""Probabilities on a terminal: a bar for each class, or one character for each where there is little room."""

from collections.abc import Sequence
from typing import Final

from rich.bar import Bar
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
MOST_BARS: Final = 12

LIKELIEST: Final = "bold green"
OTHERS: Final = "dim"


def bars(classes: Sequence[str], probabilities: Sequence[float], *, width: int = 32) -> RenderableType:
    """A bar for each class, in their own order; of many classes only the likeliest, the first before the second."""
    order = list(range(len(classes)))
    best = max(order, key=probabilities.__getitem__)
    if len(order) > MOST_BARS:
        order = sorted(order, key=lambda index: -probabilities[index])[:MOST_BARS]
    table = Table.grid(padding=(0, 1))
    for index in order:
        style = LIKELIEST if index == best else OTHERS
        probability = probabilities[index]
        bar = Bar(1, 0, probability, width=width, color="green" if index == best else "bright_black")
        table.add_row(Text(classes[index], style, justify="right"), bar, Text(f"{probability:7.1%}", style))
    return table


def spark(probabilities: Sequence[float]) -> Text:
    """One character a class, as high as its probability; the likeliest stands out. Nothing but 0 is left out."""
    best = max(probabilities)
    text = Text()
    for probability in probabilities:
        height = max(round(probability * (len(EIGHTHS) - 1)), 1 if probability >= 0.005 else 0)
        text.append(EIGHTHS[height], LIKELIEST if probability == best else OTHERS)
    return text
