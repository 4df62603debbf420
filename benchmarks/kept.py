"""Jobs as a worker would have left them, written before the service over their folder starts: no worker takes any."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from api.local.embedded import command, socket_url
from worker.jobspec import JobSpec
from worker.settings import Settings
from worker.store import Store, models
from worker.store.claim import NewModel
from worker.store.connection import connect

AT_ONCE: Final = 16
"""Jobs that are written at once: each write waits for the disk, and they wait together."""


def keep_jobs(
    folder: Path, jobs: Iterable[tuple[Mapping[str, Any], Mapping[str, float]]], *, at_once: int = 1
) -> list[str]:
    """IDs of jobs that have succeeded, each (spec, metrics) with its model's record; in order when one at once."""
    folder.mkdir(parents=True, exist_ok=True)
    server = subprocess.Popen(command(folder))
    try:
        settings = Settings(redis_url=socket_url(folder))
        redis = connect(settings.redis_url)
        while not (folder / "valkey.sock").exists():
            server.poll()
        with redis, ThreadPoolExecutor(at_once) as pool:
            store = Store(redis, settings)
            return list(pool.map(lambda job: _keep(store, *job), jobs))
    finally:
        server.terminate()
        server.wait()


def _keep(store: Store, spec: Mapping[str, Any], metrics: Mapping[str, float]) -> str:
    store.jobs.create(JobSpec(**spec).model_dump(mode="json"), most_queued=AT_ONCE)
    claim = store.jobs.claim("kept", 60_000)
    assert claim is not None
    job = claim.record  # or that of another thread
    config = job.config
    record = models.describe(
        name=config["name"],
        job_id=job.id,
        dataset=config["dataset"],
        task="classification",
        classes=list("0123456789"),
        architecture={"input_shape": [784], "layers": [], "output": "softmax"},
        metrics=metrics,
        sha256="00",
        size_bytes=1,
    )
    store.jobs.finish(claim, "succeeded", metrics=metrics, model=NewModel(f"model_{job.id[4:]}", record))
    return job.id
