"""Draws images with a pen: finds the line in the middle of the ink, and follows it with the mouse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

Point = tuple[float, float]

DARK = 110
"""Of 255: darker pixels are ink."""

RING = [(-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1)]
"""The neighbours of a pixel, clockwise from the one above."""


def skeleton(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Thin ink to lines of one pixel (Zhang & Suen 1984)."""
    ink = np.pad(ink, 1)
    while True:
        before = ink.copy()
        for odd in (False, True):
            p = [np.roll(ink, (-dy, -dx), (0, 1)) for dy, dx in RING]
            count = sum(neighbour.astype(int) for neighbour in p)
            turns = sum((~p[i] & p[(i + 1) % 8]).astype(int) for i in range(8))
            n, e, s, w = p[0], p[2], p[4], p[6]
            free = (~(n & e & w) & ~(n & s & w)) if odd else (~(n & e & s) & ~(e & s & w))
            ink = ink & ~((count >= 2) & (count <= 6) & (turns == 1) & free)
        if (ink == before).all():
            return ink[1:-1, 1:-1]


def strokes(image: NDArray[np.uint8]) -> list[list[Point]]:
    """The lines of a 28 × 28 image, each a list of (x, y) in 0 … 1."""
    left = {(int(y), int(x)) for y, x in zip(*np.nonzero(skeleton(image > DARK)), strict=True)}
    found = []
    while left:
        ends = [pixel for pixel in left if len(list(_around(pixel, left))) == 1]
        line = [min(ends or left)]
        left.discard(line[0])
        while onward := list(_around(line[-1], left)):
            line.append(min(onward, key=lambda pixel: _turn(line, pixel)))
            left.discard(line[-1])
        if len(line) > 1 or not found:
            points = [*line[:-1:2], line[-1]]  # a hand does not stop at every pixel
            found.append([((x + 0.5) / 28, (y + 0.5) / 28) for y, x in points])
    return found


def _around(pixel: tuple[int, int], among: set[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for dy, dx in RING:
        if (pixel[0] + dy, pixel[1] + dx) in among:
            yield pixel[0] + dy, pixel[1] + dx


def _turn(line: list[tuple[int, int]], pixel: tuple[int, int]) -> float:
    """How sharply the line would turn: a pen goes straight on over a crossing."""
    if len(line) < 2:
        return 0.0
    back = line[max(0, len(line) - 4)]
    old = np.array(line[-1]) - np.array(back)
    new = np.array(pixel) - np.array(line[-1])
    return -float(old @ new) / float(np.linalg.norm(old) * np.linalg.norm(new) or 1)


def draw(page: Page, pad: Locator, lines: list[list[Point]]) -> None:
    """Draw lines on a pad with the mouse."""
    box = pad.bounding_box()
    assert box is not None

    def to(point: Point) -> None:
        page.mouse.move(box["x"] + point[0] * box["width"], box["y"] + point[1] * box["height"])

    for line in lines:
        to(line[0])
        page.mouse.down()
        for point in line[1:]:
            to(point)
        page.mouse.up()


SEVEN: list[list[Point]] = [[(0.26, 0.24), (0.5, 0.23), (0.74, 0.24), (0.62, 0.45), (0.52, 0.64), (0.44, 0.84)]]
