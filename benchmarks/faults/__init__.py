"""Faults: whatever is killed, stopped, filled or damaged, every job that was accepted ends once, and as it should.

The whole service runs as `neurond up` runs it, with a load of small jobs. Meanwhile faults are drawn, in an order that
follows from the seed. At the end the ledger of what was accepted is held against what came out, and the weights of
every job against those of an undisturbed run, bit for bit. Then the same service runs over a Redis with replicas and
Sentinels, whose master fails (`benchmarks.faults.failovers`).
"""

import argparse
import json
import random
import secrets
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks.faults import failovers
from benchmarks.faults.checks import FINISHED, check, listed
from benchmarks.faults.kinds import FAULTS
from benchmarks.faults.load import SPECS, Load
from benchmarks.faults.service import Service, free_port
from benchmarks.machine import describe, headline

ATTEMPTS: Final = 20
"""Jobs meet far more crashes here than a job may cause; with the usual three attempts many would rightly fail."""
KEPT_SECONDS: Final = 86_400
"""Longer than a run, and than the jumps of Redis's clock: what is counted at the end must not be gone by then."""
LEASE_SECONDS: Final = 5.0
CHECKPOINT_SECONDS: Final = 0.2
LOAD_SHARE: Final = 0.85
END_SECONDS: Final = 600.0
LOOK_SECONDS: Final = 1.5
GONE_SECONDS: Final = 180.0
REDIS_BYTES: Final = 128 * 1024 * 1024
"""Memory of each embedded server: little enough to be filled in a moment."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How long, how much, and which faults."""
    parser.add_argument("--minutes", type=float, default=10.0, help="how long faults are injected (default 10)")
    parser.add_argument("--jobs", type=int, default=200, help="jobs that are submitted meanwhile (default 200)")
    parser.add_argument("--failovers", type=int, default=1, help="how often each kind of failover (default 1; 0: none)")
    parser.add_argument("--seed", type=int, help="which faults, in which order (default: drawn, and printed)")
    parser.add_argument("--json", type=Path, help="write the figures here")


def run(arguments: argparse.Namespace) -> None:
    """Run, print the table, and fail if anything was lost, doubled or changed."""
    seed = secrets.randbits(32) if arguments.seed is None else arguments.seed
    print(f"{headline()}; seed {seed}", flush=True)
    figures = _faults(arguments, seed) if arguments.minutes else {"machine": describe(), "seed": seed}
    if arguments.failovers:
        figures["failovers"] = failovers.run(arguments.failovers, seed=seed)
    figures["command"] = (
        f"python -m benchmarks faults --minutes {arguments.minutes:g} --jobs {arguments.jobs} "
        f"--failovers {arguments.failovers} --seed {seed}"
    )
    wrong = _report(figures)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")
    if wrong:
        raise SystemExit(1)


def _faults(arguments: argparse.Namespace, seed: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="nd-") as folder:
        service = Service(
            Path(folder) / "data",
            free_port(),
            train_workers=2,
            environment={
                "NEUROND_MAX_ATTEMPTS": str(ATTEMPTS),
                "NEUROND_LEASE_SECONDS": str(LEASE_SECONDS),
                "NEUROND_CHECKPOINT_SECONDS": str(CHECKPOINT_SECONDS),
                "NEUROND_TRAIN_THREADS": "1",
                "NEUROND_WITHDRAWN_RETENTION_SECONDS": str(KEPT_SECONDS),
                "NEUROND_EMBEDDED_MEMORY_BYTES": str(REDIS_BYTES),
            },
        )
        service.folder.mkdir()
        service.start()
        try:
            return _measure(service, arguments, seed)
        finally:
            service.stop()


def _measure(service: Service, arguments: argparse.Namespace, seed: int) -> dict[str, Any]:
    references = _undisturbed(service)
    earlier = {job["id"] for job in listed(service, "/v1/jobs")}
    seconds = arguments.minutes * 60
    load = Load(service, jobs=arguments.jobs, seconds=seconds * LOAD_SHARE, seed=seed)
    load.start()
    faults = _inject(service, random.Random(f"faults {seed}"), time.monotonic() + seconds)
    load.join(END_SECONDS)
    if load.is_alive():
        raise SystemExit("the load could not be submitted")
    if not service.wait_until_ready():
        raise SystemExit("the service did not come back after the last fault")
    _wait_for_the_end(service)
    return {
        "machine": describe(),
        "seed": seed,
        "minutes": arguments.minutes,
        "faults": faults,
        "ledger": check(service, load.ledger, references, earlier),
    }


def _undisturbed(service: Service) -> dict[int, str]:
    """What each spec's weights are when nothing happens."""
    submitted = [
        httpx.post(f"{service.url}/v1/jobs", json=spec, timeout=10).raise_for_status().json()["id"] for spec in SPECS
    ]
    _wait_for_the_end(service)
    models = {model["job_id"]: model["sha256"] for model in listed(service, "/v1/models")}
    return {number: models[job_id] for number, job_id in enumerate(submitted)}


def _inject(service: Service, rng: random.Random, end: float) -> dict[str, dict[str, Any]]:
    """Break things until the end, each kind as often as the others, and see how long the service is away."""
    injected: Counter[str] = Counter()
    recovered: dict[str, list[float]] = defaultdict(list)
    deck: list[str] = []
    while time.monotonic() < end:
        time.sleep(rng.uniform(0.5, 3.0))
        if not deck:
            deck = rng.sample(list(FAULTS), len(FAULTS))
        name = deck.pop()
        if not FAULTS[name](service, rng):
            continue
        injected[name] += 1
        away = _seconds_away(service)
        if away is None:
            raise SystemExit(f"the service did not come back after: {name}")
        recovered[name].append(away)
        print(f"  {name}: ready again after {away:.1f} s", flush=True)
    return {
        name: {"injected": injected[name], "survived": len(recovered[name]), "slowest_seconds": max(recovered[name])}
        for name in FAULTS
        if injected[name]
    }


def _seconds_away(service: Service) -> float | None:
    """How long after a fault `/readyz` was last seen not to be 200; what breaks may do so a moment later."""
    mended = time.monotonic()
    away = 0.0
    while time.monotonic() < mended + LOOK_SECONDS or away:
        if service.ready():
            if time.monotonic() >= mended + max(LOOK_SECONDS, away + 0.5):
                return away
        else:
            away = time.monotonic() - mended
            if away > GONE_SECONDS:
                return None
        time.sleep(0.1)
    return away


def _wait_for_the_end(service: Service) -> None:
    deadline = time.monotonic() + END_SECONDS
    while any(job["status"] not in FINISHED for job in listed(service, "/v1/jobs")):
        if time.monotonic() > deadline:
            return  # what has not ended is found, and told
        time.sleep(0.5)


def _report(figures: dict[str, Any]) -> list[str]:
    """Print the tables, and give what is wrong."""
    print(f"\n{faults_table(figures)}")
    if "ledger" in figures:
        print(f"\n{table(figures)}")
    wrong: list[str] = [line for part in ("ledger", "failovers") for line in figures.get(part, {}).get("wrong", [])]
    for line in wrong:
        print(f"WRONG: {line}")
    return wrong


def faults_table(figures: dict[str, Any]) -> str:
    """Which faults, how often, and how long the service was away after each; then the failovers."""
    tables = [_by_fault(figures)] if "faults" in figures else []
    if "failovers" in figures:
        tables.append(failovers.table(figures["failovers"]))
    return "\n\n".join(tables)


def _by_fault(figures: dict[str, Any]) -> str:
    lines = ["| fault | injected | survived | `/readyz` is 200 again after at most |", "| --- | --- | --- | --- |"]
    for name, fault in figures["faults"].items():
        lines.append("| {} | {injected} | {survived} | {slowest_seconds:.1f} s |".format(name, **fault))
    return "\n".join(lines)


def table(figures: dict[str, Any]) -> str:
    """What became of the jobs."""
    faults, ledger = figures["faults"].values(), figures["ledger"]
    rows = {
        f"faults injected in {figures['minutes']:g} minutes, of {len(faults)} kinds": sum(
            fault["injected"] for fault in faults
        ),
        "faults survived": sum(fault["survived"] for fault in faults),
        "jobs accepted": ledger["accepted"],
        "jobs that ended once: succeeded, failed, cancelled": " + ".join(str(ledger[status]) for status in FINISHED),
        "models": ledger["models"],
        "jobs begun more than once that succeeded, weights equal to the bit": ledger["resumed_and_equal"],
        "writes of stale owners refused": ledger["stale_writes_refused"],
        "writes of stale owners accepted": ledger["stale_writes_accepted"],
        "lost, doubled, changed or left over": len(ledger["wrong"]),
    }
    return "\n".join(["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows.items())])
