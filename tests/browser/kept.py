"""Jobs as a worker would have left them, written before the service over their folder starts."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from api.local.embedded import command, socket_url
from worker.settings import Settings
from worker.spec import JobSpec
from worker.store import Store, models
from worker.store.claim import NewModel
from worker.store.connection import connect


def keep_jobs(folder: Path, jobs: Iterable[tuple[Mapping[str, Any], Mapping[str, float]]]) -> list[str]:
    """IDs of jobs that have succeeded, each (spec, metrics) with its model's record; no worker ever saw them."""
    folder.mkdir(parents=True, exist_ok=True)
    server = subprocess.Popen(command(folder))
    try:
        settings = Settings(redis_url=socket_url(folder))
        redis = connect(settings.redis_url)
        while not (folder / "valkey.sock").exists():
            server.poll()
        with redis:
            return [_keep(Store(redis, settings), spec, metrics) for spec, metrics in jobs]
    finally:
        server.terminate()
        server.wait()


def _keep(store: Store, spec: Mapping[str, Any], metrics: Mapping[str, float]) -> str:
    config = JobSpec(**spec).model_dump(mode="json")
    job, _ = store.jobs.create(config, most_queued=1)
    claim = store.jobs.claim("kept", 60_000)
    assert claim is not None
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
