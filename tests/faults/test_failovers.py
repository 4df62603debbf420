"""The master fails, in three ways, under jobs and predictions: `python -m benchmarks faults` does it more often."""

import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from benchmarks.faults import failovers
from benchmarks.faults.checks import listed
from benchmarks.faults.failovers import KINDS, ServiceBehindSentinels
from benchmarks.faults.sentinels import Cluster, client
from tests.support.clock import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(400)]

BACK_SECONDS = 3.0
"""After there is a new master, predictions are answered again."""
REFUSED_SECONDS = 5.0
SPEC = {"dataset": "mnist", "seed": 1, "model": {"hidden_layers": [8]}, "training": {"epochs": 1}}


@pytest.mark.parametrize(("name", "inject"), KINDS.items(), ids=KINDS)
def test_a_failover_loses_no_job_and_predictions_are_back_at_once(name: str, inject: Callable[..., None]) -> None:
    figures = failovers.run(1, seed=1, kinds={name: inject})

    assert figures["wrong"] == []
    assert figures["accepted"] > 0
    assert figures["restarted"] == 0
    assert max(figures["kinds"][name]["back_seconds"]) <= BACK_SECONDS


@pytest.fixture
def service() -> Iterator[tuple[ServiceBehindSentinels, Cluster]]:
    with tempfile.TemporaryDirectory(prefix="nd-") as folder, Cluster(Path(folder)) as cluster:
        service = ServiceBehindSentinels(cluster, Path(folder) / "data")
        service.folder.mkdir()
        service.start()
        try:
            yield service, cluster
        finally:
            service.stop()


def test_while_the_master_takes_no_writes_no_worker_ends_and_afterwards_all_goes_on(
    service: tuple[ServiceBehindSentinels, Cluster],
) -> None:
    """`min-replicas-to-write`, and too few of them."""
    up, cluster = service
    with client(cluster.known_master()) as master:
        before = up.everyone()
        accepted = httpx.post(f"{up.url}/v1/jobs", json=SPEC, timeout=10).raise_for_status().json()["id"]
        master.config_set("min-replicas-to-write", 9)
        refused = httpx.post(f"{up.url}/v1/jobs", json=SPEC, timeout=10)
        wait_until(lambda: up.status("/readyz") == 503, seconds=20)
        threading.Event().wait(REFUSED_SECONDS)
        during = up.everyone()
        master.config_set("min-replicas-to-write", 0)

    assert refused.status_code == 503
    assert during == before
    assert up.wait_until_ready(30)
    wait_until(lambda: [job["status"] for job in listed(up, "/v1/jobs") if job["id"] == accepted] == ["succeeded"], 120)
    assert up.everyone() == before
