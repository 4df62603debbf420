"""Jobs that are trained here, stopped and killed at any step."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import fakeredis
import pytest

import nn
from tests.support.builders.tools import tools
from worker.jobspec import JobSpec
from worker.settings import Settings
from worker.store import Store
from worker.store.jobs import Job
from worker.training.trainer import Trainer


class Died(BaseException):
    """Ends an attempt where it is, as a kill would: nothing more is written."""


@pytest.fixture(autouse=True, scope="module")
def small_mnist() -> Iterator[None]:
    """85 steps an epoch."""
    whole = nn.datasets.load("mnist")
    few = replace(whole, x_train=whole.x_train[:3000], y_train=whole.y_train[:3000])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nn.datasets, "load", lambda name: few)
        yield


class AtOnce(Executor):
    """Writes where the training waits for it, so that each test knows what was written."""

    def __init__(self, **_: Any) -> None:
        pass

    def submit(self, step: Callable[..., None], /, *arguments: Any, **_: Any) -> Future[None]:
        done: Future[None] = Future()
        done.set_result(step(*arguments))
        return done


@pytest.fixture(autouse=True, scope="module")
def at_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("worker.training.reporter.ThreadPoolExecutor", AtOnce)
        patch.setattr("worker.store.blobs._sync", lambda path: None)
        yield


def settings_in(folder: Path) -> Settings:
    return Settings(blob_url=f"file://{folder / 'blobs'}", checkpoint_seconds=0.001)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with fakeredis.FakeRedis() as redis:
        yield Store(redis, settings)


def submit(store: Store, **training: Any) -> str:
    spec = JobSpec.model_validate(
        {
            "dataset": "mnist",
            "seed": 3,
            "model": {"hidden_layers": [8], "dropout": 0.1},
            "training": {"epochs": 3, "batch_size": 32, "early_stopping": {"patience": 2}} | training,
        }
    )
    return store.jobs.create(spec.model_dump(mode="json"), most_queued=9)[0].id


def run(store: Store, settings: Settings, job_id: str, *, stopping: Callable[[], bool] = lambda: False) -> Job:
    Trainer(tools(store, settings, stopping=stopping)).run()
    return store.jobs.get(job_id)


def after(steps: int, then: Callable[[], bool]) -> Callable[[], bool]:
    """Asked at each step; does `then` when so many are done."""
    left = iter(range(steps))
    return lambda: next(left, None) is None and then()


def die() -> bool:
    raise Died


def lose_worker(store: Store, job_id: str) -> None:
    """As time and a reaper would, after a kill."""
    store.jobs.take_expired(job_id, ends=store.jobs.leases()[job_id], most_attempts=9)


def kill(store: Store, settings: Settings, job_id: str, *, steps: int) -> Job:
    with pytest.raises(Died):
        run(store, settings, job_id, stopping=after(steps, die))
    lose_worker(store, job_id)
    return store.jobs.get(job_id)


def weights(store: Store, job: Job) -> str:
    assert job.status == "succeeded", job.error
    assert job.model_id is not None
    return store.models.get(job.model_id).sha256
