"""How good models of tables are: our presets beside gradient boosting with its defaults, on the same rows.

A folder holds a folder for each table, `NAME/train.csv` and `NAME/test.csv` with a column `target`: any tables will do.
Split 0 is the division of the files. Every further split shuffles all rows and divides them in the same proportion.
Each result is written to the JSON file at once, with the versions that it belongs to. A second run measures what is
missing there, and two runs may share the file.
"""

import argparse
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from threadpoolctl import threadpool_limits

from benchmarks.machine import calm_environment, describe
from benchmarks.tables import data
from benchmarks.tables.contenders import RIVALS, Contender, ours
from benchmarks.tables.measures import measured
from benchmarks.tables.summary import picture, table
from worker.jobspec import PRESETS

__all__ = ["add_arguments", "run", "table"]

USUAL: Final = [name for name, preset in PRESETS.items() if preset.get("suits") == "tables"]
"""The presets that are made for tables."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which tables, which contenders, how often, and where the figures go."""
    parser.add_argument("--tables", type=Path, required=True, help="folder of NAME/train.csv and NAME/test.csv")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these tables alone")
    parser.add_argument("--presets", nargs="*", choices=PRESETS, default=USUAL, help=f"default: {', '.join(USUAL)}")
    parser.add_argument("--rivals", nargs="*", choices=RIVALS, default=list(RIVALS), help="default: all")
    parser.add_argument("--splits", type=int, default=5, help="divisions of the rows (default 5)")
    parser.add_argument("--threads", type=int, default=2, help="threads of everybody (default 2)")
    parser.add_argument("--json", type=Path, default=Path("build/tables.json"), help="figures, added to as they come")
    parser.add_argument("--svg", type=Path, help="draw the figures here")


def run(arguments: argparse.Namespace) -> None:
    """Contenders take turns on each table, split after split; then the figures of all."""
    for variable in set(os.environ) - set(calm_environment(os.environ)):
        del os.environ[variable]
    os.environ["OMP_NUM_THREADS"] = str(arguments.threads)  # for rivals: read when one is imported, at its first fit
    contenders = {f"`{name}`": ours(name) for name in arguments.presets}
    contenders |= {name: RIVALS[name] for name in arguments.rivals}
    tables = {name: data.read(arguments.tables, name) for name in arguments.only or data.names(arguments.tables)}
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    for split in range(arguments.splits):
        for turn, (name, rows) in enumerate(tables.items()):
            order = list(contenders)
            first = (split + turn) % max(len(order), 1)
            for contender in order[first:] + order[:first]:
                _measure(arguments, name, rows, split, contender, contenders[contender])
    figures = _chosen(json.loads(arguments.json.read_text("utf-8")), list(tables), list(contenders))
    print(table(figures))
    if arguments.svg:
        arguments.svg.write_text(picture(figures), "utf-8")


def _measure(
    arguments: argparse.Namespace, name: str, rows: data.Table, split: int, called: str, contender: Contender
) -> None:
    """One figure, unless it is there."""
    divided = rows.division(split)
    identity = contender.identity(divided, arguments.threads)
    with _kept(arguments.json) as figures:
        if _splits(figures, name, rows, called, identity).get(str(split)):
            return
    load = os.getloadavg()[0]
    with threadpool_limits(arguments.threads):
        found = measured(contender.fit(divided, split, arguments.threads), divided)
    found = {key: float(f"{value:.6g}") for key, value in found.items()} | {"load": round(load, 1)}
    with _kept(arguments.json) as figures:
        _splits(figures, name, rows, called, identity)[str(split)] = found
    print(f"{name:14} split {split} {called:20}", *(f"{key} {value:<9.4g}" for key, value in found.items()), flush=True)


def _chosen(figures: dict[str, Any], tables: list[str], contenders: list[str]) -> dict[str, Any]:
    """Of all that is kept, what this run was about."""
    kept = {
        name: one | {"results": {contender: one["results"][contender] for contender in contenders}}
        for name, one in figures["tables"].items()
        if name in tables
    }
    return figures | {"tables": kept}


def _splits(figures: dict[str, Any], name: str, rows: data.Table, called: str, identity: str) -> dict[str, Any]:
    """What is kept of a contender on a table, by split: nothing of other rows or another version."""
    about = rows.describe()
    one = figures["tables"].setdefault(name, {"about": about, "results": {}})
    if one["about"]["fingerprint"] != about["fingerprint"]:
        one |= {"about": about, "results": {}}
    if one["results"].get(called, {}).get("of") != identity:
        one["results"][called] = {"of": identity, "splits": {}}
    splits: dict[str, Any] = one["results"][called]["splits"]
    return splits


@contextmanager
def _kept(file: Path) -> Iterator[dict[str, Any]]:
    """The figures to be read and added to; another run waits so long, and a crash leaves the file as it was."""
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        figures: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {"tables": {}}
        yield figures
        figures |= {"command": "python -m benchmarks tables", "machine": describe()}
        part = file.with_name(file.name + ".part")
        part.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
        part.replace(file)
    finally:
        os.close(folder)
