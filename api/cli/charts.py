"""Line charts in a terminal: eight dots a character, in Braille, with an axis on the left and one below."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

ACROSS: Final = 2
DOWN: Final = 4
"""Dots of a Braille character."""

BRAILLE: Final = 0x2800
BITS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Of each dot, by row and column (Unicode 16, chapter 21.1)."""

RING: Final = "○"
"""Of the epoch whose weights are kept."""

TICKS: Final = 4
CLOSER: Final = 0.7
"""Least ratio of the round step between ticks to the one that makes TICKS of them."""

LEAST_WIDTH: Final = 24

Point = tuple[float, float]


@dataclass(frozen=True)
class Curve:
    """A line through points, from left to right; a `ring` marks one of them, whose value the legend then has."""

    name: str
    style: str
    points: Sequence[Point]
    ring: Point | None = None

    @property
    def told(self) -> float | None:
        """The value that the legend has: that of the ring, else the newest."""
        point = self.ring or (self.points[-1] if self.points else None)
        return None if point is None else point[1]


@dataclass(frozen=True)
class Chart:
    """Curves over the same axes, as wide as there is room.

    Args:
        curves: later ones are drawn over earlier ones
        height: lines of the drawing itself; the axis below adds two, and the legend its own
        x_end: the right end of the x axis, which begins at 1
        write: how a value of y is written
        legend_lines: the fewest lines of the legend, so that charts beside each other end alike

    """

    curves: Sequence[Curve]
    height: int
    x_end: float
    write: Callable[[float], str]
    legend_lines: int = 1

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Say how wide it may be."""
        return Measurement(min(LEAST_WIDTH, options.max_width), options.max_width)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it, line by line."""
        low, high, ticks = scale([y for curve in self.curves for _, y in curve.points])
        labels = {self._line_of(tick, low, high): self.write(tick) for tick in ticks}
        margin = max(map(len, labels.values()), default=0)
        width = max(options.max_width - margin - 2, 1)
        canvas = Canvas(width, self.height)
        for curve in self.curves:
            finite = [point for point in curve.points if math.isfinite(point[1])]
            canvas.draw([self._place(point, canvas, low, high) for point in finite], Style.parse(curve.style))
        for curve in self.curves:
            if curve.ring is not None and math.isfinite(curve.ring[1]):
                canvas.mark(self._place(curve.ring, canvas, low, high), RING, Style.parse(curve.style))
        dim = Style(dim=True)
        for number, line in enumerate(canvas.lines()):
            label = labels.get(number)
            yield Segment(f"{label or '':>{margin}} {'┤' if label else '│'}", dim)
            yield from line
            yield Segment.line()
        yield Segment(" " * margin + " └" + "─" * width, dim)
        yield Segment.line()
        first, last = "1", f"{self.x_end:,.0f}"
        yield Segment(f"{' ' * (margin + 2)}{first}{last:>{max(width - len(first), 0)}}", dim)
        yield Segment.line()
        legend = self.legend(options.max_width)
        yield from legend
        yield from [Text("")] * (self.legend_lines - len(legend))

    def legend(self, width: int) -> list[Text]:
        """The curves by name with their values, in one line or, where that is too narrow, in a line each."""
        entries = [
            Text.assemble(
                (f"{RING if curve.ring else '━'} ", curve.style),
                f"{curve.name} ",
                ("-" if curve.told is None else self.write(curve.told), "bold"),
                overflow="fold",
            )
            for curve in self.curves
        ]
        together = Text("   ").join(entries)
        return [together] if together.cell_len <= width else entries

    def _line_of(self, value: float, low: float, high: float) -> int:
        return round((high - value) / (high - low) * (self.height - 1))

    def _place(self, point: Point, canvas: "Canvas", low: float, high: float) -> tuple[int, int]:
        x, y = point
        across = (x - 1) / max(self.x_end - 1, 1e-9)
        return round(across * (canvas.across - 1)), round((high - y) / (high - low) * (canvas.down - 1))


class Canvas:
    """Dots on a grid of characters. A character has one colour: that of the last line through it."""

    def __init__(self, width: int, height: int) -> None:
        self.across, self.down = width * ACROSS, height * DOWN
        self._bits = [[0] * width for _ in range(height)]
        self._styles: list[list[Style | None]] = [[None] * width for _ in range(height)]
        self._marks: dict[tuple[int, int], str] = {}

    def draw(self, corners: Sequence[tuple[int, int]], style: Style) -> None:
        """Draw a line through `corners`, given as dots from the left and from above."""
        for start, end in zip(corners, corners[1:] or corners, strict=False):
            for column, row in _dots_between(start, end):
                if 0 <= column < self.across and 0 <= row < self.down:
                    y, x = row // DOWN, column // ACROSS
                    self._bits[y][x] |= BITS[row % DOWN][column % ACROSS]
                    self._styles[y][x] = style

    def mark(self, dot: tuple[int, int], character: str, style: Style) -> None:
        """Put a character of its own where a dot lies, given from the left and from above."""
        column, row = dot
        y, x = row // DOWN, column // ACROSS
        self._marks[y, x], self._styles[y][x] = character, style

    def lines(self) -> Iterator[list[Segment]]:
        """The characters, line by line."""
        for y, (bits, styles) in enumerate(zip(self._bits, self._styles, strict=True)):
            yield [
                Segment(self._marks.get((y, x)) or (chr(BRAILLE + dots) if dots else " "), style)
                for x, (dots, style) in enumerate(zip(bits, styles, strict=True))
            ]


def _dots_between(start: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[int, int]]:
    (x0, y0), (x1, y1) = start, end
    steps = max(abs(x1 - x0), abs(y1 - y0), 1)
    for step in range(steps + 1):
        yield round(x0 + (x1 - x0) * step / steps), round(y0 + (y1 - y0) * step / steps)


def scale(values: Iterable[float]) -> tuple[float, float, list[float]]:
    """An axis for values.

    Returns:
        Its ends, and round numbers between them to be written beside it.

    """
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    if high - low < 1e-9 * max(abs(high), 1):
        half = abs(high) / 10 or 0.5
        low, high = low - half, high + half
    rough = (high - low) / TICKS
    power = 10 ** math.floor(math.log10(rough))
    step = next(size * power for size in (1, 2, 5, 10) if size * power >= rough * CLOSER)
    ticks = [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return low, high, ticks
