"""A job may take so much memory, time and data, and no more."""

import resource
import sys
from pathlib import Path

import pytest

from tests.support.builders.trainings import run, small_mnist, store, submit
from worker.errors import JobFailedError
from worker.runtime.limits import Limits, check_samples
from worker.settings import Settings
from worker.store import Store

__all__ = ["small_mnist", "store"]

PLENTY = 1 << 40


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(blob_url=f"file://{tmp_path / 'blobs'}", max_job_samples=100_000)


def test_a_job_that_would_train_on_too_many_samples_fails_before_it_trains(store: Store, settings: Settings) -> None:
    job = run(store, settings, submit(store, epochs=10_000))

    assert job.status == "failed"
    assert job.error is not None
    assert job.error["code"] == "too_many_samples"
    assert "10000 epochs of 2700 samples" in job.error["message"]
    assert "NEUROND_MAX_JOB_SAMPLES" in job.error["message"]


def test_a_job_that_trains_for_too_long_fails_and_says_so(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Limits, "out_of_time", lambda self: True)

    job = run(store, settings, submit(store))

    assert job.status == "failed"
    assert job.error is not None
    assert job.error["code"] == "time_limit"


def test_the_time_of_earlier_attempts_counts() -> None:
    with Limits(memory_bytes=PLENTY, seconds=60) as limits:
        limits.check_time()
        limits.count(61.0)

        with pytest.raises(JobFailedError, match="60 s"):
            limits.check_time()


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_DATA counts what is allocated on Linux only")
def test_an_allocation_beyond_the_limit_is_a_memory_error_and_the_limit_goes_with_the_block() -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)

    with Limits(memory_bytes=1 << 31, seconds=60), pytest.raises(MemoryError):
        bytearray(1 << 32)

    assert resource.getrlimit(resource.RLIMIT_DATA) == before


def test_what_is_within_the_limit_passes() -> None:
    check_samples({"epochs": 10}, 100, 1000)
    with pytest.raises(JobFailedError):
        check_samples({"epochs": 10}, 100, 999)
