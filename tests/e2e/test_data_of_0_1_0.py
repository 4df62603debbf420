"""A data folder that version 0.1.0 wrote, killed in the midst of its work: this version finds and finishes all of it.

`data-0.1.0.tar.xz` holds its Redis and its blobs. A job had ended, another was in epoch 391 of 1,200 with a checkpoint,
two waited, and an alias stood for the first one's model.
"""

import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from neurond import Client
from tests.support.processes import open_stack

pytestmark = pytest.mark.whole

FINISHED: Final = "job_4bbde2dfd50b650bbeae4f15"
MODEL: Final = "model_6d61bf3a27b1230b7241f334"
RUNNING: Final = "job_27998c66d2289b7771a6bc1c"
QUEUED: Final = ("job_a401a7b0b5e90ebed76361fe", "job_a087bd3547fdcab7f114407c")
PROBABILITIES: Final = [[0.9387422, 0.0612578], [0.6876916, 0.3123084]]
"""What that version answered for the rows [1, 1] and [-1, -1]."""


@pytest.fixture(scope="module")
def client(short_leases: None) -> Iterator[Client]:
    with tempfile.TemporaryDirectory(prefix="neurond-") as name:
        with tarfile.open(Path(__file__).with_name("data-0.1.0.tar.xz")) as archive:
            archive.extractall(name, filter="data")
        with open_stack(Path(name)) as stack, Client(stack.url) as client:
            yield client


def test_what_waited_is_done_in_its_order_after_what_ran(client: Client) -> None:
    ended = [client.job(job_id).wait() for job_id in (RUNNING, *QUEUED)]

    assert [job.status for job in ended] == ["succeeded"] * 3
    started = [client.job(job_id).started_at for job_id in QUEUED]
    assert started == sorted(started)


def test_what_ran_went_on_from_its_checkpoint(client: Client) -> None:
    job = client.job(RUNNING).wait()
    epochs = [event.data["epoch"] for event in client.events(RUNNING) if event.event == "epoch"]

    assert job.attempt == 2
    assert epochs == list(range(1, 1201)), "each epoch is told once, those of both versions"


def test_what_had_ended_is_as_it_was(client: Client) -> None:
    job = client.job(FINISHED)

    assert (job.status, job.model_id, job.name) == ("succeeded", MODEL, "finished")
    answer = client.predict("side", [[1, 1], [-1, -1]])
    assert answer.probabilities == [pytest.approx(row, abs=1e-6) for row in PROBABILITIES]
