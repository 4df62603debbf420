"""Workers of one name on hosts of one name: beside each other, and one after the other's death."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from api.local.commands import worker_command, worker_environment
from tests.support import needs
from tests.support.clock import wait_until
from worker.jobspec import JobSpec
from worker.messaging.queue import Queue, make_celery
from worker.settings import Settings
from worker.store import Store
from worker.store.connection import connect
from worker.store.workers import place_of
from worker.work.kind import TRAINING

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

PATIENCE = 120.0
LEASE_SECONDS = 60.0
"""So long that no job is put back because of it while a test runs."""

Start = Callable[[], subprocess.Popen]


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    return Settings(redis_url=redis_url, blob_url=f"file://{tmp_path / 'blobs'}", lease_seconds=LEASE_SECONDS)


@pytest.fixture
def store(server: Redis, settings: Settings) -> Iterator[Store]:
    store = Store(connect(settings.redis_url), settings)
    yield store
    store.redis.close()


@pytest.fixture(params=["in this PID namespace", "each process 1 of its own"])
def start(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Iterator[Start]:
    """Starts a training worker; all of them have one name and one host name."""
    namespace = needs.pid_namespace() if "own" in request.param else []
    environment = (
        os.environ
        | worker_environment(TRAINING, settings)
        | {
            "NEUROND_REDIS_URL": settings.redis_url,
            "NEUROND_BLOB_URL": settings.blob_url,
            "NEUROND_LEASE_SECONDS": str(LEASE_SECONDS),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
    )
    started: list[subprocess.Popen] = []

    def one() -> subprocess.Popen:
        with (tmp_path / "log").open("a") as log:
            command = [*namespace, *worker_command(TRAINING, settings, "training-1")]
            started.append(subprocess.Popen(command, env=environment, stderr=log, start_new_session=True))
        return started[-1]

    yield one
    for worker in started:
        kill(worker)


def kill(worker: subprocess.Popen) -> None:
    """The main process and its child at once, as when a container is killed."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait(20)


def submit(store: Store, settings: Settings, epochs: int) -> str:
    spec = {"dataset": "mnist", "model": {"hidden_layers": [16]}, "training": {"epochs": epochs}}
    job, _ = store.jobs.create(JobSpec.model_validate(spec).model_dump(mode="json"), most_queued=9)
    Queue(make_celery(settings)).send_work(TRAINING)
    return job.id


def trained(store: Store, job_id: str) -> int:
    """Epochs that the job has told of."""
    return sum(event.event == "epoch" for event in store.events.read(job_id, limit=10_000))


def test_two_beside_each_other_take_nothing_from_each_other(store: Store, settings: Settings, start: Start) -> None:
    start()
    job_id = submit(store, settings, epochs=9_000)
    wait_until(lambda: trained(store, job_id) > 0, PATIENCE)
    [first] = store.workers.names(TRAINING)

    start()
    wait_until(lambda: len(store.workers.names(TRAINING)) == 2, PATIENCE)
    [second] = set(store.workers.names(TRAINING)) - {first}
    rounds: set[float] = set()
    wait_until(lambda: len(rounds.add(store.workers.signatures(TRAINING)[second]) or rounds) > 5, PATIENCE)

    job = store.jobs.get(job_id)
    assert (job.status, job.attempt) == ("running", 1)
    assert len({place_of(name) for name in store.workers.names(TRAINING)}) == 1
    assert [worker.job_ids for worker in store.workers.seen([TRAINING])].count([job_id]) == 1


def test_one_in_the_place_of_another_that_was_killed_puts_its_job_back_and_goes_on(
    store: Store, settings: Settings, start: Start
) -> None:
    worker = start()
    job_id = submit(store, settings, epochs=9_000)
    wait_until(lambda: trained(store, job_id) > 0, PATIENCE)

    kill(worker)
    killed = time.monotonic()
    start()
    wait_until(lambda: store.jobs.get(job_id).attempt == 2, LEASE_SECONDS / 2)
    print(f"taken up again {time.monotonic() - killed:.1f} s after the kill")

    before = trained(store, job_id)
    wait_until(lambda: trained(store, job_id) > before, PATIENCE)
    assert len(store.workers.names(TRAINING)) == 1, "the dead one is listed no more"
