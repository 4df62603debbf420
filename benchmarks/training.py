"""How fast a network learns: neurond against PyTorch, JAX, scikit-learn, the article's loop, and bare matrix products.

Each contender (`benchmarks/contenders.py`) has a process of its own; they take turns, run by run, and medians count.
Where a library can use one thread or all, it has the number that was faster for it.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.machine import asked, calm_environment, describe, headline, median

NETWORKS = {"784-128-64-10": [784, 128, 64, 10], "784-800-10": [784, 800, 10]}
BATCHES = (1, 32, 128, 1024)
TITLES = {
    "neurond": "neurond",
    "torch": "PyTorch",
    "torch_compiled": "PyTorch, compiled",
    "jax": "JAX",
    "sklearn": "scikit-learn",
    "article": "the article's loop",
    "floor": "matrix products alone",
}
COLORS = {"neurond": "#2563eb", "floor": "#cbd5e1"}
CHOOSE_THREADS = ("neurond", "torch", "torch_compiled", "sklearn", "floor")
ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
PROBES = 2
"""Runs beside the first that choose the number of threads: one alone may be disturbed."""
SECONDS = 0.6
"""A run goes over the images as often as it takes to fill so many seconds."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which cases and contenders, how often, and where the figures go."""
    parser.add_argument("--network", action="append", choices=NETWORKS, help="these alone")
    parser.add_argument("--batch", action="append", type=int, choices=BATCHES, help="these alone")
    parser.add_argument("--contender", action="append", choices=TITLES, help="these alone")
    parser.add_argument(
        "--clock",
        choices=("wall", "processor"),
        default="wall",
        help="processor: one thread each, timed on the processor; for a machine that others use too",
    )
    parser.add_argument("--runs", type=int, default=5, help="runs of each, in turn (default 5)")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--plot", type=Path, help="draw the figures here (PNG or SVG; needs matplotlib)")


def run(arguments: argparse.Namespace) -> None:
    """Measure in turn; print speeds and ratios."""
    figures: dict[str, Any] = {
        "command": asked(),
        "machine": describe(),
        "clock": arguments.clock,
        "runs": arguments.runs,
        "cases": [],
    }
    contenders = {name: Contender(name, arguments.clock) for name in arguments.contender or TITLES}
    try:
        for network in arguments.network or NETWORKS:
            for batch in arguments.batch or BATCHES:
                figures["cases"].append(_measure(network, batch, contenders, arguments.runs))
                print(table({**figures, "cases": figures["cases"][-1:]}).splitlines()[2], flush=True)
                if arguments.json:
                    arguments.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    finally:
        for contender in contenders.values():
            contender.end()
    print(f"\n{headline()}; {arguments.runs} runs each, in turn, medians\n\n{table(figures)}")
    if arguments.plot:
        plot(figures, arguments.plot)


class Contender:
    """A process that trains when it is told to."""

    def __init__(self, name: str, clock: str) -> None:
        self.name, self.clock = name, clock
        environment = calm_environment(os.environ) | {"PYTHONWARNINGS": "ignore"}
        if clock == "processor":
            environment |= ONE_THREAD
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.contenders", name],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.passes = 1

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """One answer. Out of turn a contender stands still: for a while BLAS's threads spin, waiting for more work."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        self.process.send_signal(signal.SIGSTOP)
        answer: dict[str, Any] = json.loads(line) if line else {"missing": "the process ended"}
        return answer

    def prepare(self, sizes: list[int], batch: int) -> int | None:
        """Take up a case, with the threads that suit it; None where the library is missing, or takes no such batch."""
        cores = describe()["cores"]
        if self.name == "article" and (batch != 1 or len(sizes) != 4):
            return None
        images = (
            60_000 if batch > 1 else 3_000 if self.name in ("torch", "torch_compiled", "sklearn", "article") else 12_800
        )
        choices = sorted({1, cores}) if self.name in CHOOSE_THREADS else [cores]
        choices = [1] if self.clock == "processor" else choices
        speeds = {}
        for threads in choices:
            case = {"sizes": sizes, "batch": batch, "images": images, "threads": threads, "clock": self.clock}
            answer = self.ask({"case": case})
            if "missing" in answer:
                print(f"{self.name}: left out: {answer['missing']}", flush=True)
                return None
            seconds = min(answer["seconds"], *(self.ask({"run": True})["seconds"] for _ in range(PROBES)))
            speeds[threads] = answer["images"] / seconds
        best: int = max(speeds, key=lambda threads: speeds[threads])
        if best != choices[-1]:
            seconds = self.ask({"case": {**case, "threads": best}})["seconds"]
        self.passes = max(1, round(SECONDS / seconds))
        return best

    def run(self) -> float:
        """Images a second."""
        answers = [self.ask({"run": True}) for _ in range(self.passes)]
        return float(sum(answer["images"] for answer in answers) / sum(answer["seconds"] for answer in answers))

    def end(self) -> None:
        """Let the process end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.send_signal(signal.SIGCONT)
        self.process.wait()


def _measure(network: str, batch: int, contenders: dict[str, Contender], runs: int) -> dict[str, Any]:
    threads = {name: contender.prepare(NETWORKS[network], batch) for name, contender in contenders.items()}
    taking_part = [name for name, count in threads.items() if count is not None]
    speeds: dict[str, list[float]] = {name: [] for name in taking_part}
    for _ in range(runs):
        for name in taking_part:
            speeds[name].append(contenders[name].run())
    figures: dict[str, Any] = {
        name: {"images_per_second": median(speeds[name]), "runs": speeds[name], "threads": threads[name]}
        for name in taking_part
    }
    if "neurond" in speeds:
        for name in taking_part:
            ratios = [ours / theirs for ours, theirs in zip(speeds["neurond"], speeds[name], strict=True)]
            figures[name]["neurond_is_faster_by"] = median(ratios)
    return {"network": network, "batch": batch, "contenders": figures}


def table(figures: dict[str, Any]) -> str:
    """Images a second, and in brackets how many times that neurond is."""
    lines = [
        "| network | batch | " + " | ".join(TITLES.values()) + " |",
        "| --- | --- |" + " --- |" * len(TITLES),
    ]
    for case in figures["cases"]:
        cells = []
        for name in TITLES:
            one = case["contenders"].get(name)
            if one is None:
                cells.append("")
            elif name == "neurond" or "neurond_is_faster_by" not in one:
                cells.append(f"{_rounded(one['images_per_second'])}")
            else:
                cells.append(f"{_rounded(one['images_per_second'])} ({one['neurond_is_faster_by']:.2f}×)")
        lines.append(f"| {case['network']} | {case['batch']} | " + " | ".join(cells) + " |")
    second = (
        "second" if figures["clock"] == "wall" else "second of one processor, one thread each, others at work beside"
    )
    lines.append(
        f"\nImages a {second}; in brackets, how many times as fast neurond was (the median of ratios run by run)."
    )
    return "\n".join(lines)


def _rounded(speed: float) -> str:
    digits = max(0, len(str(int(speed))) - 3)
    return f"{round(speed, -digits):,.0f}"


def plot(figures: dict[str, Any], file: Path) -> None:
    """Bars for each case, one row of cases a network; each case has its own scale, from zero."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    cases = figures["cases"]
    networks = list(dict.fromkeys(case["network"] for case in cases))
    batches = list(dict.fromkeys(case["batch"] for case in cases))
    size = (1.6 + 2.6 * len(batches), 0.6 + 2.6 * len(networks))
    figure, axes = plt.subplots(len(networks), len(batches), figsize=size, squeeze=False)
    for case in cases:
        row, column = networks.index(case["network"]), batches.index(case["batch"])
        axis, contenders = axes[row, column], case["contenders"]
        speeds = [contenders[name]["images_per_second"] if name in contenders else 0.0 for name in TITLES]
        colors = [COLORS.get(name, "#94a3b8") for name in TITLES]
        bars = axis.barh([TITLES[name] for name in TITLES], speeds, color=colors)
        axis.bar_label(bars, [_rounded(speed) if speed else "" for speed in speeds], padding=3, fontsize=8)
        axis.set_title(f"{case['network']}, batch {case['batch']}", fontsize=9)
        axis.set_xlim(0, 1.3 * max(speeds))
        axis.set_xticks([])
        axis.tick_params(axis="y", length=0, labelsize=8, labelleft=column == 0)
        axis.spines[["top", "right", "bottom"]].set_visible(False)
        axis.invert_yaxis()
    figure.suptitle(f"Images a second ({figures['machine']['cpu']}, {figures['machine']['cores']} cores)", fontsize=10)
    figure.tight_layout()
    figure.savefig(file, dpi=120)
