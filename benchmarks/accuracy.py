"""How well digits are read: each recipe trains on MNIST's 60,000 images and is measured once on its 10,000 test images.

The recipes stand in `benchmarks/recipes.py`; each is trained in a process of its own (`benchmarks/recipe.py`).
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from api.local.commands import BRIEF_WAIT
from benchmarks.machine import calm_environment, describe, headline
from benchmarks.recipes import RECIPES

IN_MINUTES = ("quick", "dense", "convolution")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which recipes, how, and where the figures go."""
    parser.add_argument("--recipe", action="append", choices=RECIPES, help="these alone (default: those of minutes)")
    parser.add_argument(
        "--validate",
        action="store_true",
        help="hold out the training images of some writers; leave the test images alone",
    )
    parser.add_argument("--threads", type=int, help="BLAS threads (default: what a worker would take)")
    parser.add_argument("--log", type=Path, help="write what each epoch tells into this file too")
    parser.add_argument("--json", type=Path, help="write the figures here, beside those of other recipes")


def run(arguments: argparse.Namespace) -> None:
    """Train the recipes one after the other, and say how well they read."""
    figures: dict[str, Any] = {"command": "python -m benchmarks accuracy", "machine": describe(), "recipes": {}}
    if arguments.json and arguments.json.exists():
        figures["recipes"] = json.loads(arguments.json.read_text("utf-8"))["recipes"]
    for name in arguments.recipe or IN_MINUTES:
        figures["recipes"][name] = _train(name, arguments)
        if arguments.json:
            arguments.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    if not arguments.validate:
        print(table(figures))


def _train(name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Run one recipe; its figures."""
    recipe = RECIPES[name]
    command = [sys.executable, "-m", "benchmarks.recipe", name]
    command += ["--validate"] if arguments.validate else []
    command += ["--threads", str(arguments.threads)] if arguments.threads else []
    began = time.strftime("%Y-%m-%d %H:%M:%S %Z", time.gmtime())
    lines = [f"# {name}: {recipe.title}", f"# {headline()}; began {began}"]
    lines += [f"# {json.dumps(spec)}" for spec in (*recipe.teachers, recipe.spec)]
    print(*lines, sep="\n", flush=True)
    if arguments.log:
        arguments.log.write_text("\n".join(lines) + "\n", "utf-8")
    told: dict[str, Any] = {}
    environment = calm_environment(os.environ) | BRIEF_WAIT
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            told = json.loads(line)
            shown = "  ".join(f"{key} {value:.6g}" for key, value in told.items() if value is not None)
            print(shown, flush=True)
            if arguments.log:
                with arguments.log.open("a", encoding="utf-8") as file:
                    file.write(shown + "\n")
    if process.returncode:
        raise SystemExit(f"{name}: the training ended with {process.returncode}")
    return {
        "title": recipe.title,
        "wanted": recipe.accuracy,
        "limit_seconds": recipe.seconds,
        "machine": describe(),
        "epochs": recipe.spec["training"]["epochs"],
        **told,
    }


def table(figures: dict[str, Any]) -> str:
    """The table that a README may show."""
    lines = [
        "| recipe | parameters | epochs | training | processor time | test accuracy | wanted |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, one in figures["recipes"].items():
        if "test_accuracy" in one:
            lines.append(
                f"| `{name}`: {one['title']} | {one['parameters']:,} | {one['epochs']} | {_time(one['seconds'])} "
                f"| {_time(one['cpu_seconds'])} | {one['test_accuracy']:.2%} "
                f"| {one['wanted']:.2%} in {_time(one['limit_seconds'])} |"
            )
    return "\n".join(lines)


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.1f} min"
