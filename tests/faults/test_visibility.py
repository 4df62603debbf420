"""A message that the broker delivers again while its job runs, as Celery on Redis does: the job has one owner."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.faults.service import Service, free_port
from neurond import Client
from tests.support.builders.faults import logged
from tests.support.builders.jobs import LONG
from tests.support.clock import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]


@pytest.fixture
def service() -> Iterator[Service]:
    """Two training workers, and a broker that waits three seconds for a job's acknowledgement."""
    with tempfile.TemporaryDirectory(prefix="nd-") as folder:
        environment = {"NEUROND_BROKER_VISIBILITY_SECONDS": "3", "NEUROND_TRAIN_THREADS": "1"}
        service = Service(Path(folder) / "data", free_port(), train_workers=2, environment=environment)
        service.folder.mkdir()
        service.start()
        yield service
        service.stop()


def test_a_job_that_is_delivered_again_while_it_runs_has_one_owner(service: Service) -> None:
    with Client(service.url) as client:
        job_id = client.submit(LONG)["id"]

        wait_until(lambda: bool(logged(service.folder, event="nothing to claim")), seconds=60)

        assert client.job(job_id)["status"] == "running"
        client.cancel(job_id)
        *_, job = client.follow(job_id)
        assert (job["status"], job["attempt"]) == ("cancelled", 1)
        assert [event["event"] for event in client.events(job_id)].count("running") == 1
        assert len(logged(service.folder, record_id=job_id, event="claimed")) == 1
