"""Where a figure was measured, and how several become one."""

import datetime
import os
import platform
import shlex
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def asked() -> str:
    """The command that measures, as it was given; where its figures went does not matter."""
    words = sys.argv[1:]
    for option in ("--json", "--plot", "--svg"):
        while option in words:
            at = words.index(option)
            given = words[at + 1 : at + 2] and not words[at + 1].startswith("--")
            del words[at : at + (2 if given else 1)]
    return shlex.join(["python", "-m", "benchmarks", *words])


def describe() -> dict[str, Any]:
    """The machine, for the head of every table."""
    model = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        names = [
            line.partition(":")[2].strip() for line in information.read_text().splitlines() if "model name" in line
        ]
        model = names[0] if names else model
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "python": platform.python_version(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }


DISTURBING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Where a machine sets these, NumPy's matrix products are up to twice as slow."""


def calm_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process that is measured: without settings that slow NumPy down, and said so."""
    for name in DISTURBING:
        if name in environment:
            print(f"{name}={environment[name]} is unset for this run")
    return {name: value for name, value in environment.items() if name not in DISTURBING}


def headline() -> str:
    """The machine in one line."""
    machine = describe()
    return f"{machine['cpu']}, {machine['cores']} cores, Python {machine['python']}, {machine['date']}"


def median(values: Sequence[float]) -> float:
    """The median: absolute times drift, and one disturbed run must not count."""
    return statistics.median(values)
