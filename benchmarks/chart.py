"""Two charts as SVG, drawn by hand: no plotting library for two pictures."""

import math
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.machine import median

COLOURS = ("#2563eb", "#94a3b8", "#a8a29e", "#9ca3af", "#cbd5e1")
BAR, GAP, LEFT, WIDTH = 16, 22, 190, 460

OURS = ("#2563eb", "#1e3a8a", "#38bdf8")
THEIRS = ("#b45309", "#16a34a", "#a8a29e", "#9333ea", "#64748b")
ROW, ACROSS, EDGE = 26, (140, 770), 1.0


def bars(results: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]], *, title: str, note: str) -> str:
    """Requests/s of each server, one group of bars for each number of connections, with p99 beside them."""
    names = list(results)
    groups = list(next(iter(results.values())))
    most = max(_middle(rounds, "requests_per_second") for one in results.values() for rounds in one.values())
    height = 60 + len(groups) * (len(names) * BAR + GAP + 14) + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 {height}" font-family="system-ui, sans-serif">',
        f'<rect width="800" height="{height}" rx="8" fill="#ffffff"/>',
        f'<text x="20" y="30" font-size="18" font-weight="600" fill="#0f172a">{escape(title)}</text>',
    ]
    y = 56
    for group in groups:
        said = f"{group} connection{'s' if group != '1' else ''}"
        parts.append(f'<text x="20" y="{y + 4}" font-size="13" font-weight="600" fill="#334155">{said}</text>')
        y += 14
        for name, colour in zip(names, COLOURS, strict=False):
            rate, p99 = (_middle(results[name][group], figure) for figure in ("requests_per_second", "p99_ms"))
            length = max(1.0, rate / most * WIDTH)
            weight = ' font-weight="600"' if name == names[0] else ""
            style = f'y="{y + 12}" font-size="12" fill="#334155"{weight}'
            parts += [
                f'<text x="{LEFT - 8}" text-anchor="end" {style}>{escape(name)}</text>',
                f'<rect x="{LEFT}" y="{y + 2}" width="{length:.1f}" height="{BAR - 4}" rx="2" fill="{colour}"/>',
                f'<text x="{LEFT + length + 6:.1f}" {style}>{rate:,.0f}/s, p99 {p99:.1f} ms</text>',
            ]
            y += BAR
        y += GAP
    parts += [f'<text x="20" y="{height - 14}" font-size="11" fill="#64748b">{escape(note)}</text>', "</svg>", ""]
    return "\n".join(parts)


def _middle(rounds: Sequence[Mapping[str, Any]], figure: str) -> float:
    return median([one[figure] for one in rounds])


def dots(rows: Mapping[str, Mapping[str, tuple[float, float]]], ours: Sequence[str], *, title: str, note: str) -> str:
    """A row for each table, and in it a dot for each contender: (share above or below zero, its standard error).

    What is more than `EDGE` above zero stands at the edge, its share beside it.
    """
    names = [*ours, *(name for name in next(iter(rows.values())) if name not in ours)]
    colours = dict(zip(ours, OURS, strict=False)) | dict(zip(names[len(ours) :], THEIRS, strict=False))
    shares = [share for row in rows.values() for share, _ in row.values()]
    low = min(-0.1, *(math.floor(10 * share) / 10 for share in shares))
    high = min(EDGE, max(0.1, *(math.ceil(10 * share) / 10 for share in shares)))
    top, bottom = 84, 84 + ROW * len(rows)

    def x(share: float) -> float:
        left, right = ACROSS
        return left + (min(max(share, low), high) - low) / (high - low) * (right - left)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 {bottom + 56}" font-family="system-ui, sans-serif">',
        f'<rect width="800" height="{bottom + 56}" rx="8" fill="#ffffff"/>',
        f'<text x="20" y="30" font-size="18" font-weight="600" fill="#0f172a">{escape(title)}</text>',
    ]
    at = 20.0
    for name in names:
        parts.append(_dot(at + 5, 54, colours[name], bold=name in ours))
        parts.append(f'<text x="{at + 14:.0f}" y="58" font-size="12" fill="#334155">{escape(name)}</text>')
        at += 36 + 6.6 * len(name)
    step = 0.1 if high - low <= 1 else 0.2
    for place in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1):
        line = 'stroke="#334155"' if place == 0 else 'stroke="#e2e8f0"'
        at = x(place * step)
        parts.append(f'<line x1="{at:.1f}" y1="{top - 8}" x2="{at:.1f}" y2="{bottom - 8}" {line}/>')
        said = f"{100 * place * step:+.0f} %" if place else "0"
        style = 'text-anchor="middle" font-size="11" fill="#64748b"'
        parts.append(f'<text x="{at:.1f}" y="{bottom + 8}" {style}>{said}</text>')
    for place, (row, told) in enumerate(rows.items()):
        y = top + ROW * place + 4
        parts.append(f'<text x="20" y="{y + 4}" font-size="12" fill="#334155">{escape(row)}</text>')
        for name in reversed(names):  # ours are drawn last, above the others
            share, error = told[name]
            if error:
                ends = f'x1="{x(share - error):.1f}" x2="{x(share + error):.1f}"'
                parts.append(f'<line {ends} y1="{y}" y2="{y}" stroke="{colours[name]}" stroke-width="1.5"/>')
            parts.append(_dot(x(share), y, colours[name], bold=name in ours))
            if share > high:
                style = f'text-anchor="end" font-size="11" fill="{colours[name]}"'
                parts.append(f'<text x="{x(share) - 9:.1f}" y="{y + 4}" {style}>{100 * share:+.0f} %</text>')
    parts += [f'<text x="20" y="{bottom + 40}" font-size="11" fill="#64748b">{escape(note)}</text>', "</svg>", ""]
    return "\n".join(parts)


def _dot(x: float, y: float, colour: str, *, bold: bool) -> str:
    return f'<circle cx="{x:.1f}" cy="{y}" r="{6 if bold else 4}" fill="{colour}"/>'
