"""Draws docs/piecewise.svg: the features of a number in bins, and what one sum over them can say.

python docs/piecewise_svg.py
"""

from pathlib import Path

import numpy as np

from nn.arrays import AnyArray
from nn.preprocessing.encodings import PiecewiseLinear

WIDTH, HEIGHT, MARGIN, PANEL = 840, 300, 46, 340
INK, PALE, GOOD, POOR = "#57534e", "#a8a29e", "#0f766e", "#b45309"


def wanted(v: AnyArray) -> AnyArray:
    """What there is to learn: a price that jumps and bends with an age of 0 to 10."""
    return np.where(v < 3, 0.2 + 0.05 * v, np.where(v < 6, 0.9 - 0.1 * (v - 3), 0.25 + 0.12 * (v - 6)))


def best_sum(features: AnyArray, y: AnyArray) -> AnyArray:
    """The weighted sum of the features, (n, features), and a constant that is nearest to y: (n,)."""
    x = np.column_stack([features, np.ones(len(y))])
    fitted: AnyArray = x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return fitted


def line(x: AnyArray, y: AnyArray, left: int, colour: str, *, width: float = 2, dash: str = "") -> str:
    """A curve with x of 0 to 10 and y of 0 to 1 in the panel that begins at `left`."""
    points = " ".join(
        f"{left + a / 10 * PANEL:.1f},{HEIGHT - MARGIN - b * (HEIGHT - 2 * MARGIN):.1f}"
        for a, b in zip(x, y, strict=True)
    )
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}"{dashed}/>'


def text(x: float, y: float, said: str, colour: str = INK, anchor: str = "start") -> str:
    """A line of text."""
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}" text-anchor="{anchor}">{said}</text>'


def main() -> None:
    """Draw it."""
    v = np.linspace(0, 10, 401)
    edges = np.array([0, 1.5, 3, 4.5, 6, 8, 10])
    encoding = PiecewiseLinear(np.array([5.0]), np.array([5.0]), np.array([0.2]), [edges], [False])
    features = encoding(v[:, None]).astype(float)
    left, right = MARGIN, WIDTH - MARGIN - PANEL
    parts = [
        *(line(np.array([e, e]), np.array([0, 1]), panel, PALE, width=0.5) for panel in (left, right) for e in edges),
        *(line(v, share, left, GOOD, width=1.6) for share in features[:, 1:].T),
        line(v, wanted(v), right, PALE, width=5),
        line(v, best_sum(features[:, :1], wanted(v)), right, POOR, dash="6 4"),
        line(v, best_sum(features, wanted(v)), right, GOOD),
        text(left, 26, "a number v becomes its share of each bin"),
        text(right, 26, "one weighted sum of the features"),
        text(right + PANEL, HEIGHT - 12, "over bins", GOOD, "end"),
        text(right + PANEL - 80, HEIGHT - 12, "over v alone", POOR, "end"),
        text(right, HEIGHT - 12, "what there is to learn", PALE),
        text(left, HEIGHT - 12, "v, with the bins' edges", PALE),
    ]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="system-ui, sans-serif" font-size="14">\n'
        "<title>Piecewise-linear features of a number, and the curves that a sum of them can take</title>\n"
        '<rect width="100%" height="100%" fill="#fafaf9"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )
    Path(__file__).with_name("piecewise.svg").write_text(svg, "utf-8")


if __name__ == "__main__":
    main()
