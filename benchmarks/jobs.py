"""Reading jobs where many are kept: `GET /v1/jobs/{id}` at a steady rate, and pages of the list.

Requests leave at fixed moments whether or not the ones before are answered, so that a slow answer is not hidden by the
requests that it holds back; each is timed from the moment when it was due.
"""

import argparse
import json
import random
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from api.local.stack import Stack
from benchmarks.kept import AT_ONCE, keep_jobs
from benchmarks.machine import asked, describe, headline
from neurond import Client
from worker.settings import Settings

CONNECTIONS = 16

PARTS = {
    "read": "`GET /v1/jobs/{id}`, workers idle",
    "read_while_training": "`GET /v1/jobs/{id}`, a training at work",
    "page": "`GET /v1/jobs?limit=20&after=…`, workers idle",
    "best": "`GET /v1/jobs?sort=-metrics.test_accuracy&limit=20&after=…`, workers idle",
    "rare": "`GET /v1/jobs?q=…`, of all jobs one is found, workers idle",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many jobs, how often, how long, and where the figures go."""
    parser.add_argument("--jobs", type=int, default=10_000, help="jobs that are kept (default 10,000)")
    parser.add_argument("--rate", type=float, default=50, help="requests a second (default 50)")
    parser.add_argument("--seconds", type=float, default=20, help="of each part (default 20)")
    parser.add_argument("--json", type=Path, help="write the figures here")


def run(arguments: argparse.Namespace) -> None:
    """Measure with the workers idle, then with a training at work."""
    settings = Settings.from_environment()
    figures: dict[str, Any] = {
        "machine": describe(),
        "command": asked(),
        "jobs": arguments.jobs,
        "rate": arguments.rate,
    }
    with tempfile.TemporaryDirectory(prefix="neurond-") as folder, ExitStack() as opened:
        ids = keep_jobs(Path(folder), _jobs(arguments.jobs), at_once=AT_ONCE)
        stack = opened.enter_context(Stack(settings, folder=Path(folder), host="127.0.0.1", port=0, tell=print))
        client = opened.enter_context(Client(stack.url))
        print(f"{headline()}; {len(ids):,} jobs kept, {arguments.rate:g} requests/s for {arguments.seconds:g} s\n")
        job_paths = [f"/v1/jobs/{job_id}" for job_id in ids]
        page_paths = [f"/v1/jobs?limit=20&after={job_id}" for job_id in ids]
        figures["read"] = _measure(stack.url, job_paths, arguments)
        figures["page"] = _measure(stack.url, page_paths, arguments)
        best_paths = [f"/v1/jobs?sort=-metrics.test_accuracy&limit=20&after={job_id}" for job_id in ids]
        figures["best"] = _measure(stack.url, best_paths, arguments)
        figures["rare"] = _measure(stack.url, [f"/v1/jobs?q={job_id}" for job_id in ids], arguments)
        training = client.submit(dataset="mnist", training={"epochs": 10_000})
        while client.job(training.id).status != "running":
            time.sleep(0.05)
        figures["read_while_training"] = _measure(stack.url, job_paths, arguments)
        training.cancel().wait()
    print(table(figures))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


def table(figures: Mapping[str, Any]) -> str:
    """The figures in Markdown."""
    lines = [
        f"| {figures['jobs']:,} jobs kept, {figures['rate']:g} requests/s | p50 | p99 | slowest |",
        "| --- | --- | --- | --- |",
    ]
    for name, title in PARTS.items():
        if name not in figures:
            continue  # measured before there was this part
        lines.append("| {} | {p50_ms:.1f} ms | {p99_ms:.1f} ms | {slowest_ms:.1f} ms |".format(title, **figures[name]))
    return "\n".join(lines)


def _jobs(count: int) -> Iterator[tuple[dict[str, Any], dict[str, float]]]:
    """So many jobs that have succeeded, each with another result."""
    for number in range(count):
        yield {"dataset": "mnist", "name": "kept", "seed": 1}, {"test_accuracy": number / count}


def _measure(url: str, paths: list[str], arguments: argparse.Namespace) -> dict[str, float]:
    """Ask for random ones of `paths` at the rate; milliseconds."""
    chosen = random.Random(1).choices(paths, k=int(arguments.rate * arguments.seconds))
    local = threading.local()

    def connect() -> None:
        address = urlsplit(url)
        local.http = HTTPConnection(str(address.hostname), address.port)
        local.http.connect()

    def ask(place: int) -> float:
        due = begun + place / arguments.rate
        time.sleep(max(due - time.perf_counter(), 0))
        local.http.request("GET", chosen[place])
        response = local.http.getresponse()
        response.read()
        taken: float = time.perf_counter() - due
        if response.status != HTTPStatus.OK:
            raise SystemExit(f"{chosen[place]}: {response.status}")
        return taken * 1000

    with ThreadPoolExecutor(CONNECTIONS, initializer=connect) as pool:
        begun = time.perf_counter() + 1.0
        taken = sorted(pool.map(ask, range(len(chosen))))
    return {"p50_ms": taken[len(taken) // 2], "p99_ms": taken[int(len(taken) * 0.99)], "slowest_ms": taken[-1]}
