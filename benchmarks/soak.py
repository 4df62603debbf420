"""A day of small jobs in minutes: does the service grow, or does it stay as it is?

Thousands of jobs on a small uploaded data set are trained, their models deleted, and their records kept for half a
minute only: what comes and goes in a month comes and goes here many times. Meanwhile the memory of every process and
the keys in Redis are looked at.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks.faults.checks import listed
from benchmarks.faults.service import Service, free_port, private_megabytes
from benchmarks.machine import asked, describe, headline

RETENTION_SECONDS: Final = 30
WAITING: Final = 100
"""Jobs that wait at a time."""
LOOKS: Final = 20
SPEC: Final[dict[str, Any]] = {
    "model": {"hidden_layers": [4]},
    "training": {"epochs": 1, "batch_size": 64, "schedule": {"name": "constant"}},
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many."""
    parser.add_argument("--jobs", type=int, default=10_000, help="jobs that are trained (default 10,000)")
    parser.add_argument("--json", type=Path, help="write the figures here")


def run(arguments: argparse.Namespace) -> None:
    """Run, and print a line a look."""
    print(f"{headline()}\n\n| jobs | seconds | API | workers | Redis | keys | records |\n|{' --- |' * 7}", flush=True)
    with tempfile.TemporaryDirectory(prefix="nd-") as folder:
        environment = {
            "NEUROND_JOB_RETENTION_SECONDS": str(RETENTION_SECONDS),
            "NEUROND_IDEMPOTENCY_SECONDS": str(RETENTION_SECONDS),
            "NEUROND_LOG_LEVEL": "warning",
        }
        service = Service(Path(folder) / "data", free_port(), train_workers=1, environment=environment)
        service.folder.mkdir()
        service.start()
        looks = []
        try:
            for look in _soak(service, arguments.jobs):
                looks.append(look)
                print(
                    "| {jobs} | {seconds:.0f} | {api_mb:.0f} MB | {workers_mb:.0f} MB | {redis_mb:.1f} MB | {keys} | "
                    "{records} |".format(**look),
                    flush=True,
                )
        finally:
            service.stop()
    if arguments.json:
        figures = {"machine": describe(), "command": asked(), "looks": looks}
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


def table(figures: dict[str, Any]) -> str:
    """The first look, one in the middle, the last one under load, and the end, when all has expired."""
    looks = figures["looks"]
    lines = ["| jobs done | API | workers | Redis | keys in Redis | records kept |", "|" + " --- |" * 6]
    row = "| {jobs} | {api_mb:.0f} MB | {workers_mb:.0f} MB | {redis_mb:.1f} MB | {keys} | {records} |"
    lines += [row.format(**look) for look in (looks[0], looks[len(looks) // 2], looks[-2], looks[-1])]
    return "\n".join(lines)


def _soak(service: Service, jobs: int) -> Iterator[dict[str, Any]]:
    """Keep jobs waiting until so many are done; delete each model that comes out."""
    begun, submitted, done, looked = time.monotonic(), 0, 0, 0
    with httpx.Client(base_url=service.url, timeout=60) as client:
        spec = SPEC | {"dataset": _upload(client)}
        while done < jobs:
            while submitted < min(jobs, done + WAITING):
                client.post("/v1/jobs", json=spec | {"seed": submitted}).raise_for_status()
                submitted += 1
            for model in listed(service, "/v1/models"):
                client.delete(model["urls"]["self"]).raise_for_status()
                done += 1
            if done * LOOKS // jobs > looked:
                looked = done * LOOKS // jobs
                yield _look(service, done, time.monotonic() - begun)
        time.sleep(RETENTION_SECONDS + 70)  # until all is expired, and swept
        yield _look(service, done, time.monotonic() - begun)


def _upload(client: httpx.Client) -> str:
    rng = random.Random(0)
    rows = [[rng.random() for _ in range(4)] for _ in range(300)]
    table = "a,b,c,d,y\n" + "".join(f"{','.join(map(str, row))},{'ab'[row[0] > row[1]]}\n" for row in rows)
    answer = client.post("/v1/datasets", content=table, params={"name": "small", "target": "y"}).raise_for_status()
    while (dataset := client.get(answer.headers["Location"]).json())["status"] == "processing":
        time.sleep(0.1)
    if dataset["status"] != "ready":
        raise SystemExit(f"the data set {dataset['status']}: {dataset['error']}")
    identifier: str = dataset["id"]
    return identifier


def _look(service: Service, done: int, seconds: float) -> dict[str, Any]:
    redis = service.redis
    return {
        "jobs": done,
        "seconds": seconds,
        "api_mb": private_megabytes(service.processes("gunicorn")),
        "workers_mb": private_megabytes(service.processes("celery")),
        "redis_mb": redis.info("memory")["used_memory"] / 1e6,
        "keys": redis.dbsize(),
        "records": sum(1 for _ in redis.scan_iter("neurond:job:job_*", count=1000) if not _.endswith(b":events")),
    }
