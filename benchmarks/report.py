"""The figures of README and of two pages of docs/, from the results that benchmarks left: none is typed by hand.

A benchmark takes part by three things: `--json FILE` writes its figures with `machine` (`benchmarks.machine.describe`)
and `command` among them; the file is kept as `benchmarks/results/NAME.json`; and its module has `table(figures)`, which
gives the lines in Markdown. A picture of them that is kept as `docs/NAME.svg` is shown below the table.
"""

import argparse
import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
RELIABILITY = ROOT / "docs" / "reliability.md"
RESULTS = Path(__file__).parent / "results"
SECURITY = ROOT / "docs" / "security.md"
PICTURES = ROOT / "docs"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing to choose."""


def run(arguments: argparse.Namespace) -> None:
    """Write the blocks between the marks anew."""
    README.write_text(rewritten(README.read_text("utf-8")), "utf-8")
    RELIABILITY.write_text(with_faults(RELIABILITY.read_text("utf-8")), "utf-8")
    SECURITY.write_text(with_attacks(SECURITY.read_text("utf-8")), "utf-8")


def with_faults(page: str) -> str:
    """The page about reliability with the faults of the last run."""
    from benchmarks.faults import faults_table

    return _with_last_run(page, "faults", faults_table)


def with_attacks(page: str) -> str:
    """The page about security with the attacks of the last run."""
    from benchmarks.abuse import attacks_table

    return _with_last_run(page, "abuse", attacks_table)


def _with_last_run(page: str, name: str, lines: Callable[[dict[str, Any]], str]) -> str:
    results = RESULTS / f"{name}.json"
    table = "None has been tried yet."
    if results.exists():
        figures = json.loads(results.read_text("utf-8"))
        table = f"`{figures['command']}` ({figures['machine']['date']})\n\n{lines(figures)}"
    return _replaced(page, f"<!-- {name} -->", f"<!-- /{name} -->", table)


def rewritten(readme: str) -> str:
    """The README with its figures as the results have them."""
    return _replaced(readme, BEGIN, END, sections())


def _replaced(page: str, begin: str, end: str, block: str) -> str:
    """The page with this block between its two marks."""
    before, begins, rest = page.partition(begin)
    _, ends, after = rest.partition(end)
    if not begins or not ends:
        raise SystemExit(f"expected the marks {begin} and {end}, found {begins or 'none'} {ends}")
    return f"{before}{begin}\n\n{block}\n\n{end}{after}"


def sections() -> str:
    """A table for each file of results, under the command that made it."""
    from benchmarks.__main__ import BENCHMARKS

    parts = []
    for name in sorted(path.stem for path in RESULTS.glob("*.json")):
        figures = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
        machine = figures["machine"]
        made = f"{machine['cpu']}, {machine['cores']} cores, Python {machine['python']}, {machine['date']}"
        title = BENCHMARKS[name][:1].upper() + BENCHMARKS[name][1:]
        table = import_module(f"benchmarks.{name}").table(figures)
        stop = "" if title.endswith("?") else "."
        parts.append(f"**{title}{stop}** `{figures['command']}` ({made})\n\n{table}")
        if (PICTURES / f"{name}.svg").exists():
            parts.append(f"![{title}](docs/{name}.svg)")
    return "\n\n".join(parts) or "None has been measured yet."
