"""Fuzzing, guided by coverage: whatever bytes come, each reader refuses them with its own error, in time and in memory.

Each target is a function of bytes that raises where it should not (`benchmarks.fuzz.targets`). It runs in a process of
its own under atheris (libFuzzer), from the inputs in `tests/corpus/`, which a test runs through every target too. An
input that broke something is kept in `build/fuzz/`; once that is mended, it belongs into the corpus, reduced.
"""

import argparse
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from benchmarks.fuzz.targets import CORPUS, TARGETS
from benchmarks.machine import asked, describe, headline

MAX_BYTES: Final = 4096
MEMORY_MB: Final = 2048
SECONDS_AN_INPUT: Final = 20
FOUND: Final = Path("build/fuzz")
UNCAUGHT: Final = " === Uncaught Python exception: ==="
"""How atheris begins to tell what was raised."""
LAST_WORDS: Final = 40
"""Lines of that that are shown."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How long, which targets, and where the figures go."""
    parser.add_argument("--minutes", type=float, default=10.0, help="for all targets together (default 10)")
    parser.add_argument("--target", action="append", choices=sorted(TARGETS), help="only these")
    parser.add_argument("--json", type=Path, help="write the figures here")


def run(arguments: argparse.Namespace) -> None:
    """Fuzz one target after the other, and fail if any broke."""
    if importlib.util.find_spec("atheris") is None:
        raise SystemExit("this needs atheris, which there is for Linux on x86_64: pip install --group fuzz")
    names = arguments.target or list(TARGETS)
    seconds = max(1, round(arguments.minutes * 60 / len(names)))
    FOUND.mkdir(parents=True, exist_ok=True)
    print(f"{headline()}; {seconds} s a target, inputs of at most {MAX_BYTES} bytes\n", flush=True)
    results = {}
    for name in names:
        results[name] = _fuzz(name, seconds)
        print(f"  {name}: {results[name]['inputs']:,} inputs, {results[name]['broken']} broken", flush=True)
    figures = {"machine": describe(), "command": asked(), "seconds": seconds, "targets": results}
    print(f"\n{table(figures)}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")
    if any(result["broken"] for result in results.values()):
        raise SystemExit(1)


def table(figures: dict[str, Any]) -> str:
    """A line a target."""
    lines = [f"| target, {figures['seconds']} s each | inputs | broken |", "| --- | --- | --- |"]
    lines += [
        f"| {TARGETS[name].title} | {result['inputs']:,} | {result['broken']} |"
        for name, result in figures["targets"].items()
    ]
    return "\n".join(lines)


def _fuzz(name: str, seconds: int) -> dict[str, Any]:
    """Run a target in a process of its own, from its corpus; new inputs are dropped, those that break it are kept."""
    prefix = FOUND / f"{name}-"
    with tempfile.TemporaryDirectory(prefix="neurond-fuzz-") as grown:
        command = [
            *(sys.executable, "-m", "benchmarks.fuzz.child", name),
            f"-max_total_time={seconds}",
            f"-max_len={MAX_BYTES}",
            f"-rss_limit_mb={MEMORY_MB}",
            f"-timeout={SECONDS_AN_INPUT}",
            f"-artifact_prefix={prefix}",
            "-print_final_stats=1",
            grown,
            str(CORPUS / name),
        ]
        process = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    said = process.stdout + process.stderr
    executed = re.search(r"stat::number_of_executed_units:\s*(\d+)", said)
    if process.returncode:
        print("\n".join(said[said.find(UNCAUGHT) :].splitlines()[:LAST_WORDS]), flush=True)
        kept = re.search(r"Test unit written to (\S+)", said)
        print(f"{name}: broken by {kept[1] if kept else 'an input that could not be kept'}", flush=True)
    return {"inputs": int(executed[1]) if executed else 0, "broken": int(process.returncode != 0)}
