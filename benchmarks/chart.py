"""A bar chart as SVG, drawn by hand: no plotting library for one picture."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.machine import median

COLOURS = ("#2563eb", "#94a3b8", "#a8a29e", "#9ca3af", "#cbd5e1")
BAR, GAP, LEFT, WIDTH = 16, 22, 190, 460


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
