"""A child that dies, or hangs, in the middle of a job."""

import os
import subprocess
import sys

import pytest
from billiard.exceptions import WorkerLostError

from worker.observability.logs import Tail
from worker.runtime.crash_recovery import STALLED_SECONDS, CrashRecovery
from worker.runtime.pass_watchdog import Passes, Watchdog
from worker.store import Store

KILLED = WorkerLostError("Worker exited prematurely: signal 9 (SIGKILL) Job: 0.")


@pytest.fixture
def tail() -> Tail:
    return Tail()


@pytest.fixture
def crash_recovery(store: Store, tail: Tail) -> CrashRecovery:
    return CrashRecovery(store, tail, most_attempts=2)


def begin(store: Store, tail: Tail) -> str:
    job, _ = store.jobs.create({}, most_queued=9)
    claim = store.jobs.claim("w", 60_000)
    assert claim is not None
    tail.begin(job.id, claim.token)
    return job.id


def test_what_the_watchdog_ended_is_not_tried_again(store: Store, tail: Tail) -> None:
    watchdog = Watchdog(Passes(), store.metrics, seconds=1, children=list)
    watchdog.ended = os.getpid()
    crash_recovery = CrashRecovery(store, tail, most_attempts=3, watchdog=watchdog)
    job_id = begin(store, tail)

    crash_recovery.child_died(KILLED)

    job = store.jobs.get(job_id)
    assert job.status == "failed"
    assert job.error is not None
    assert "NEUROND_PREDICT_TIMEOUT_SECONDS" in job.error["message"]


def test_its_job_waits_again_at_once(store: Store, tail: Tail, crash_recovery: CrashRecovery) -> None:
    job_id = begin(store, tail)

    crash_recovery.child_died(KILLED)

    assert store.jobs.get(job_id).status == "queued"
    [*_, event] = store.events.read(job_id)
    assert event.data == {"reason": "its process was killed by SIGKILL"}
    assert tail.running() is None


@pytest.mark.parametrize(
    ("exception", "how"),
    [
        (KILLED, "was killed by SIGKILL"),
        (WorkerLostError("Worker exited prematurely: exitcode 70 Job: 1."), "ended with exit code 70"),
    ],
)
def test_after_its_last_attempt_the_job_fails_and_says_how(
    store: Store, tail: Tail, crash_recovery: CrashRecovery, exception: WorkerLostError, how: str
) -> None:
    job_id = begin(store, tail)
    crash_recovery.child_died(exception)
    claim = store.jobs.claim("w", 60_000)
    assert claim is not None
    tail.begin(job_id, claim.token)

    crash_recovery.child_died(exception)

    error = store.jobs.get(job_id).error
    assert error is not None
    assert error["message"] == f"its process {how}, in the last of 2 attempts"


def test_a_child_that_ran_no_job_takes_none_away(store: Store, tail: Tail, crash_recovery: CrashRecovery) -> None:
    job_id = begin(store, tail)
    tail.end()

    crash_recovery.child_died(KILLED)
    tail.begin(job_id, 1)
    crash_recovery.child_died(ValueError("no death at all"))

    assert store.jobs.get(job_id).status == "running"


def test_a_child_that_hangs_with_a_job_of_another_is_killed_after_a_while(
    store: Store, tail: Tail, crash_recovery: CrashRecovery, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = begin(store, tail)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as hung:
        monkeypatch.setattr("worker.observability.logs.os.getpid", lambda: hung.pid)
        tail.begin(job_id, 1)
        crash_recovery.end_stalled(0.0)
        store.jobs.take_expired(job_id, ends=store.jobs.leases()[job_id], most_attempts=9)

        crash_recovery.end_stalled(1.0)
        crash_recovery.end_stalled(1.0 + STALLED_SECONDS / 2)
        alive = hung.poll() is None
        crash_recovery.end_stalled(2.0 + STALLED_SECONDS)

        assert alive
        assert hung.wait(10) == -9
