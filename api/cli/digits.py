"""Grey images in a terminal: two pixels a character, one above the other."""

from collections.abc import Sequence
from typing import Final

from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.text import Text

SHADES: Final = " ░▒▓█"

Rows = Sequence[Sequence[int]]


def crop(pixels: Sequence[float], *, width: int, margin: int) -> list[list[int]]:
    """Rows of an image without `margin` pixels on each side. MNIST's digits fill the middle 20×20 of 28×28."""
    rows = [[int(value) for value in pixels[start : start + width]] for start in range(0, len(pixels), width)]
    return [row[margin : width - margin] for row in rows[margin : len(rows) - margin]]


def draw(console: Console, rows: Rows) -> Text:
    """The image, values 0 to 255: in greys where the terminal has colours, in shades where it has none."""
    if len(rows) % 2:
        rows = [*rows, [0] * len(rows[0])]
    lines = [Text() for _ in range(0, len(rows), 2)]
    for line, upper, lower in zip(lines, rows[::2], rows[1::2], strict=True):
        for above, below in zip(upper, lower, strict=True):
            if console.color_system is None:
                line.append(SHADES[(above + below) * (len(SHADES) - 1) // 510])
            else:
                line.append("▀", Style(color=_grey(above), bgcolor=_grey(below)))
    return Text("\n").join(lines)


def _grey(value: int) -> Color:
    return Color.from_rgb(value, value, value)
