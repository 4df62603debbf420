"""A child that dies, or hangs, in the middle of a job."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from billiard.exceptions import WorkerLostError
from redis.exceptions import ConnectionError as RedisConnectionError

from worker.logs import Tail
from worker.loss import STALLED_SECONDS, Loss
from worker.store import Store
from worker.store.life import Life
from worker.store.workers import owner_of

KILLED = WorkerLostError("Worker exited prematurely: signal 9 (SIGKILL) Job: 0.")


@pytest.fixture
def tail() -> Tail:
    return Tail()


@pytest.fixture
def loss(store: Store, tail: Tail) -> Loss:
    return Loss(store, tail, most_attempts=2)


def begin(store: Store, tail: Tail) -> str:
    job, _ = store.jobs.create({}, most_queued=9)
    claim = store.jobs.claim("w", 60_000)
    assert claim is not None
    tail.begin(job.id, claim.token)
    return job.id


def test_its_job_waits_again_at_once(store: Store, tail: Tail, loss: Loss) -> None:
    job_id = begin(store, tail)

    loss.child_died(KILLED)

    assert store.jobs.get(job_id).status == "queued"
    [*_, event] = store.events.read(job_id)
    assert event.data == {"reason": "its process was killed by SIGKILL"}
    assert tail.running() is None


@pytest.mark.parametrize(
    ("exception", "how"),
    [(KILLED, "was killed by SIGKILL"),
     (WorkerLostError("Worker exited prematurely: exitcode 70 Job: 1."), "ended with exit code 70")],
)  # fmt: skip
def test_after_its_last_attempt_the_job_fails_and_says_how(
    store: Store, tail: Tail, loss: Loss, exception: WorkerLostError, how: str
) -> None:
    job_id = begin(store, tail)
    loss.child_died(exception)
    claim = store.jobs.claim("w", 60_000)
    assert claim is not None
    tail.begin(job_id, claim.token)

    loss.child_died(exception)

    error = store.jobs.get(job_id).error
    assert error is not None
    assert error["message"] == f"its process {how}, in the last of 2 attempts"


def test_a_child_that_ran_no_job_takes_none_away(store: Store, tail: Tail, loss: Loss) -> None:
    job_id = begin(store, tail)
    tail.end()

    loss.child_died(KILLED)
    tail.begin(job_id, 1)
    loss.child_died(ValueError("no death at all"))

    assert store.jobs.get(job_id).status == "running"


def test_a_child_that_hangs_with_a_job_of_another_is_killed_after_a_while(
    store: Store, tail: Tail, loss: Loss, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = begin(store, tail)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as hung:
        monkeypatch.setattr("worker.logs.os.getpid", lambda: hung.pid)
        tail.begin(job_id, 1)
        loss.end_stalled(0.0)
        store.jobs.take_expired(job_id, ends=store.jobs.leases()[job_id], most_attempts=9)

        loss.end_stalled(1.0)
        loss.end_stalled(1.0 + STALLED_SECONDS / 2)
        alive = hung.poll() is None
        loss.end_stalled(2.0 + STALLED_SECONDS)

        assert alive
        assert hung.wait(10) == -9


@pytest.fixture(params=["gone", "not yet reaped"])
def dead(request: pytest.FixtureRequest) -> Iterator[int]:
    """The ID of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    if request.param == "gone":
        process.wait()
    else:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    yield process.pid
    process.wait()


def test_what_a_dead_worker_left_waits_again_when_its_name_is_taken_up(store: Store, loss: Loss, dead: int) -> None:
    left, _ = store.jobs.create({}, most_queued=9)
    other, _ = store.jobs.create({}, most_queued=9)
    lives, _ = store.jobs.create({}, most_queued=9)
    store.jobs.claim(owner_of("train@here", dead), 60_000)
    store.jobs.claim(owner_of("train@there", dead), 60_000)
    store.jobs.claim(owner_of("train@here", os.getpid()), 60_000)

    loss.take_over("train@here")

    assert store.jobs.get(left.id).status == "queued"
    assert store.jobs.get(other.id).status == store.jobs.get(lives.id).status == "running"
    [*_, event] = store.events.read(left.id)
    assert event.data == {"reason": "its worker died and was started again"}


def test_a_worker_starts_while_redis_is_away(loss: Loss, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: Life) -> dict:
        raise RedisConnectionError("refused")

    monkeypatch.setattr(Life, "owners", away)

    loss.take_over("train@here")
