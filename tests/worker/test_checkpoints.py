"""A training that is stopped, or whose worker dies, goes on from its newest whole checkpoint, to the same weights."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import fakeredis
import pytest
from redis.exceptions import OutOfMemoryError

from nn import TrainingState
from tests.support.builders.trainings import (
    Died,
    after,
    at_once,
    die,
    kill,
    lose_worker,
    run,
    settings,
    settings_in,
    small_mnist,
    store,
    submit,
    weights,
)
from worker.errors import BlobError
from worker.runtime.sweeper import Sweeper
from worker.settings import Settings
from worker.store import Store, keys
from worker.store.blobs import Blobs, checkpoint_folder

__all__ = ["at_once", "settings", "small_mnist", "store"]


@pytest.fixture(scope="module")
def undisturbed(small_mnist: None, at_once: None, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What every disturbed training has to arrive at; trained once, in a store that no test shares."""
    settings = settings_in(tmp_path_factory.mktemp("undisturbed"))
    with fakeredis.FakeRedis() as redis:
        store = Store(redis, settings)
        return weights(store, run(store, settings, submit(store)))


def test_a_job_that_is_put_back_in_the_middle_of_an_epoch_ends_with_the_same_weights(
    store: Store, settings: Settings, undisturbed: str
) -> None:
    job_id = submit(store)

    for steps in (60, 60):
        put_back = run(store, settings, job_id, stopping=after(steps, lambda: True))
        assert put_back.status == "queued"
        assert put_back.checkpoints
    done = run(store, settings, job_id)

    assert weights(store, done) == undisturbed
    assert done.attempt == 1
    epochs = [event.data["epoch"] for event in store.events.read(job_id) if event.event == "epoch"]
    assert epochs == list(range(1, len(epochs) + 1))


def test_a_job_whose_worker_was_killed_ends_with_the_same_weights(
    store: Store, settings: Settings, undisturbed: str
) -> None:
    job_id = submit(store)

    killed = [kill(store, settings, job_id, steps=steps) for steps in (50, 120)]
    done = run(store, settings, job_id)

    assert [job.status for job in killed] == ["queued", "queued"]
    assert weights(store, done) == undisturbed
    assert done.attempt == 3
    epochs = [event.data["epoch"] for event in store.events.read(job_id) if event.event == "epoch"]
    assert epochs == sorted(set(epochs))


TIMED = {"train_seconds", "samples_per_second", "seconds"}
"""Metrics that no two runs share."""


def untimed(metrics: dict[str, Any] | None) -> dict[str, Any]:
    assert metrics is not None
    return {name: value for name, value in metrics.items() if name not in TIMED}


@pytest.mark.parametrize("how", ["killed", "put back"])
def test_a_job_that_goes_on_after_its_best_epoch_ends_with_all_of_its_metrics(
    store: Store, settings: Settings, how: str
) -> None:
    plan = {
        "epochs": 6,
        "optimizer": {"name": "adam", "learning_rate": 0.1},
        "schedule": {"name": "constant"},
        "early_stopping": {"patience": 5},
    }
    undisturbed = run(store, settings, submit(store, **plan))
    best = undisturbed.metrics["best_epoch"] if undisturbed.metrics else 0
    steps = 85 * (best + 1) + 40

    job_id = submit(store, **plan)
    if how == "killed":
        kill(store, settings, job_id, steps=steps)
    else:
        assert run(store, settings, job_id, stopping=after(steps, lambda: True)).status == "queued"
    done = run(store, settings, job_id)

    assert 0 < best < 5
    assert {"train_loss", "train_accuracy"} <= untimed(done.metrics).keys()
    assert untimed(done.metrics) == untimed(undisturbed.metrics)
    models = [store.models.get(job.model_id or "").metrics for job in (done, undisturbed)]
    assert untimed(models[0]) == untimed(models[1]) == untimed(done.metrics)


@pytest.mark.parametrize("damage", ["truncated", "one bit", "gone"])
def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(
    store: Store, settings: Settings, undisturbed: str, tmp_path: Path, damage: str
) -> None:
    job_id = submit(store)
    killed = kill(store, settings, job_id, steps=200)
    newest = tmp_path / "blobs" / killed.checkpoints[0]["path"]
    whole = newest.read_bytes()
    if damage == "gone":
        newest.unlink()
    else:
        newest.write_bytes(whole[: len(whole) // 2] if damage == "truncated" else whole[:99] + b"\xff" + whole[100:])

    assert len(killed.checkpoints) == 2
    assert weights(store, run(store, settings, job_id)) == undisturbed


def test_with_no_whole_checkpoint_the_training_begins_anew(
    store: Store, settings: Settings, undisturbed: str, tmp_path: Path
) -> None:
    job_id = submit(store)
    for checkpoint in kill(store, settings, job_id, steps=200).checkpoints:
        (tmp_path / "blobs" / checkpoint["path"]).write_bytes(b"")

    assert weights(store, run(store, settings, job_id)) == undisturbed


def test_a_checkpoint_that_does_not_fit_is_no_use_and_the_training_begins_anew(
    store: Store, settings: Settings, undisturbed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = submit(store)
    kill(store, settings, job_id, steps=200)
    read = TrainingState.from_bytes

    def of_another_version(data: bytes) -> TrainingState:
        state = read(data)
        return replace(state, arrays={name: array[1:] for name, array in state.arrays.items()})

    monkeypatch.setattr(TrainingState, "from_bytes", of_another_version)

    assert weights(store, run(store, settings, job_id)) == undisturbed


def checkpoint_files(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "blobs" / "checkpoints").rglob("*") if path.is_file()]


def test_two_checkpoints_are_kept_and_none_when_the_job_has_ended(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    job_id = submit(store)

    kill(store, settings, job_id, steps=200)
    assert len(checkpoint_files(tmp_path)) == 2

    run(store, settings, job_id)
    assert checkpoint_files(tmp_path) == []
    assert store.redis.hgetall(keys.PENDING_BLOBS) == {}


def test_a_stale_owner_names_no_checkpoint_and_leaves_none(store: Store, settings: Settings, tmp_path: Path) -> None:
    job_id = submit(store)

    def lose() -> bool:
        lose_worker(store, job_id)
        return False

    lost = run(store, settings, job_id, stopping=after(130, lose))

    assert lost.status == "queued"
    named = {checkpoint["path"] for checkpoint in lost.checkpoints}
    assert {str(path.relative_to(tmp_path / "blobs")) for path in checkpoint_files(tmp_path)} == named


def test_a_training_goes_on_without_checkpoints_when_they_cannot_be_written(
    store: Store, settings: Settings, undisturbed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Blobs.put

    def full(self: Blobs, path: str, data: bytes) -> None:
        if path.startswith("checkpoints/"):
            raise BlobError("no space left on device")
        put(self, path, data)

    monkeypatch.setattr(Blobs, "put", full)

    job = run(store, settings, submit(store))

    assert weights(store, job) == undisturbed
    assert job.checkpoints == []


def test_a_full_redis_takes_no_epoch_from_what_is_told(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OutOfMemoryError("command not allowed when used memory > 'maxmemory'")
    for name in ("note_checkpoints", "note_model", "forget"):
        step = getattr(store.pending_blobs, name)
        answers = iter([full, full])
        monkeypatch.setattr(store.pending_blobs, name, failing_at_first(step, answers))
    monkeypatch.setattr("worker.runtime.runner.RETRY_SECONDS", 0.01)

    job_id = submit(store)
    job = run(store, settings, job_id)

    assert job.status == "succeeded"
    told = [event.data["epoch"] for event in store.events.read(job_id) if event.event == "epoch"]
    assert told == list(range(1, len(told) + 1))


def failing_at_first(step: Callable[..., None], failures: Iterator[Exception]) -> Callable[..., None]:
    def attempt(*arguments: Any) -> None:
        for failure in failures:
            raise failure
        step(*arguments)

    return attempt


def test_a_cancelled_job_leaves_no_checkpoint(store: Store, settings: Settings, tmp_path: Path) -> None:
    job_id = submit(store)
    kill(store, settings, job_id, steps=200)
    store.jobs.cancel(job_id)
    assert checkpoint_files(tmp_path)

    Sweeper(store).sweep()

    assert checkpoint_files(tmp_path) == []
    assert store.redis.hgetall(keys.PENDING_BLOBS) == {}


def test_weights_that_no_record_names_are_swept_and_those_in_use_stay(
    store: Store, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = run(store, settings, submit(store, epochs=1))
    job_id = submit(store, epochs=1)
    with monkeypatch.context() as patch:
        patch.setattr(store.jobs, "finish", lambda *_, **__: die())
        patch.setattr(Blobs, "delete", lambda *_: None)
        patch.setattr(store.pending_blobs, "forget", lambda *_: None)
        with pytest.raises(Died):
            run(store, settings, job_id)
    models = tmp_path / "blobs" / "models"
    assert len(list(models.iterdir())) == 4  # two models, and how each grew

    Sweeper(store).sweep()
    assert len(list(models.iterdir())) == 4  # the owner may still adopt them

    lose_worker(store, job_id)
    Sweeper(store).sweep()

    assert {path.name for path in models.iterdir()} == {f"{kept.model_id}.{end}" for end in ("safetensors", "growth")}
    assert list(store.redis.hgetall(keys.PENDING_BLOBS)) == [
        checkpoint_folder(job_id).encode()
    ] or not store.redis.hgetall(keys.PENDING_BLOBS)
