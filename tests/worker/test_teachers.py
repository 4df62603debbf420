"""A job that learns from a stored model: it does, goes on after a kill, and the model stays as long as it is needed."""

import dataclasses

import pytest

import nn
from tests.support.builders.trainings import at_once, kill, run, settings, small_mnist, store, submit, weights
from worker.errors import InUseError
from worker.settings import Settings
from worker.store import Store
from worker.store.blobs import model_path

__all__ = ["at_once", "settings", "small_mnist", "store"]


@pytest.fixture
def teacher(store: Store, settings: Settings) -> str:
    model_id = run(store, settings, submit(store)).model_id
    assert model_id is not None
    return model_id


def test_a_job_learns_what_its_teacher_says_and_not_the_labels(
    store: Store, settings: Settings, teacher: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = nn.datasets.load("mnist")
    monkeypatch.setattr(nn.datasets, "load", lambda _: dataclasses.replace(data, y_train=(data.y_train + 1) % 10))

    job = run(store, settings, submit(store, teacher={"models": [teacher]}, early_stopping=None, epochs=6))

    student, model = (nn.formats.load(store.blobs.get(model_path(model_id))) for model_id in (job.model_id, teacher))
    said, wanted = student.predict(data.x_test), model.predict(data.x_test)
    assert (said == wanted).mean() > 0.7
    assert job.metrics is not None
    assert job.metrics["test_accuracy"] > 0.4, "by the labels it was given it would be near 0"


def test_a_taught_job_whose_worker_was_killed_ends_with_the_same_weights(
    store: Store, settings: Settings, teacher: str
) -> None:
    undisturbed = weights(store, run(store, settings, submit(store, teacher={"models": [teacher]})))
    job_id = submit(store, teacher={"models": [teacher]})

    for steps in (50, 120):
        assert kill(store, settings, job_id, steps=steps).status == "queued"

    assert weights(store, run(store, settings, job_id)) == undisturbed


def test_the_temperature_reaches_the_training(store: Store, settings: Settings, teacher: str) -> None:
    one, other = (
        weights(store, run(store, settings, submit(store, teacher={"models": [teacher], "temperature": T})))
        for T in (1.0, 8.0)
    )

    assert one != other


def test_several_models_teach_together(store: Store, settings: Settings, teacher: str) -> None:
    other = run(store, settings, submit(store, epochs=1)).model_id

    one, both = (
        weights(store, run(store, settings, submit(store, teacher={"models": models})))
        for models in ([teacher], [teacher, other])
    )

    assert one != both


def test_a_model_stays_until_no_job_needs_it(store: Store, settings: Settings, teacher: str) -> None:
    other = run(store, settings, submit(store)).model_id
    assert other is not None
    job_id = submit(store, teacher={"models": [other, teacher]})
    with pytest.raises(InUseError, match=job_id):
        store.models.delete(other)
    with pytest.raises(InUseError, match=f"the job '{job_id}' learns from this model"):
        store.models.delete(teacher)

    kill(store, settings, job_id, steps=50)
    claim = store.jobs.claim("w", 60_000)
    assert claim is not None
    with pytest.raises(InUseError, match=job_id):
        store.models.delete(teacher)

    store.jobs.finish(claim, "cancelled")
    store.models.delete(teacher)
    assert not store.models.exists(teacher)


def test_a_job_whose_teacher_is_gone_fails_and_says_so(store: Store, settings: Settings, teacher: str) -> None:
    job_id = submit(store, teacher={"models": [teacher]})
    store.blobs.delete(model_path(teacher))

    job = run(store, settings, job_id)

    assert job.status == "failed"
    assert job.error is not None
    assert job.error["code"] == "model_not_found"
    assert job.error["message"] == f"the model {teacher!r}, to learn from, is gone"


def test_a_job_that_was_queued_before_there_were_teachers_is_trained(store: Store, settings: Settings) -> None:
    newer = submit(store)
    config = store.jobs.get(newer).config
    store.jobs.cancel(newer)
    del config["training"]["teacher"]
    job, _ = store.jobs.create(config, most_queued=9)

    assert run(store, settings, job.id).status == "succeeded"
