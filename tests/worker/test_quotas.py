"""What workers make is charged to the caller who had it made, and not kept where that is too much."""

from pathlib import Path

import fakeredis
import pytest

import nn
from tests.support.builders.model_files import exported, imported, network, record_of
from tests.support.builders.models import write
from tests.support.builders.tools import tools
from tests.support.builders.trainings import at_once, run, small_mnist, submit
from tests.support.builders.uploads import WINE, blobs_of, ingest, upload
from worker.errors import StorageFullError
from worker.inference.batch_predictions import BatchPredictions
from worker.ingest import child
from worker.settings import Settings
from worker.store import Store, keys
from worker.store.blobs import model_path
from worker.store.predictions import Prediction, body_path
from worker.store.usage import Caller, upload_of

__all__ = ["at_once", "small_mnist"]

ROWS = b'{"inputs": [[1, 2, 3, 4], [4, 3, 2, 1]]}'


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(blob_url=f"file://{tmp_path}", ingest_seconds=60)


@pytest.fixture
def store(settings: Settings) -> Store:
    return Store(fakeredis.FakeRedis(), settings)


def test_arrays_are_charged_to_who_uploaded(store: Store, settings: Settings) -> None:
    upload(store, {"file": WINE})
    store.usage.charge("ds_1", 0, caller=Caller("key", 10_000))

    dataset = ingest(store, settings)

    assert dataset.state == "ready", dataset.error
    assert store.usage.kept("key") == dataset.about["stored_bytes"] == store.blobs.size(dataset.blob)


def test_arrays_that_are_too_much_are_not_kept_and_the_original_is(store: Store, settings: Settings) -> None:
    upload(store, {"file": WINE})
    store.usage.charge("ds_1", 0, caller=Caller("key", 100))

    dataset = ingest(store, settings)

    assert (dataset.state, dataset.error["code"]) == ("failed", "quota_exceeded")
    assert "may keep 100" in dataset.error["message"]
    assert blobs_of(store) == ["uploads/ds_1/file.000000"]
    assert store.usage.kept("key") == 0


def test_arrays_for_which_the_disk_has_no_space_fail_as_such_and_the_original_stays(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(store, {"file": WINE})
    monkeypatch.setattr("worker.ingest.stored.Blobs.put_pieces", blobs_are_full)
    monkeypatch.setattr("worker.ingest.ingester.run_child", lambda asked, *_, **__: child._answer(asked))

    dataset = ingest(store, settings)

    assert (dataset.state, dataset.error["code"]) == ("failed", "storage_failed")
    assert blobs_of(store) == ["uploads/ds_1/file.000000"]


def blobs_are_full(*_: object) -> None:
    raise StorageFullError("0 bytes are free")


def predicted(store: Store, settings: Settings, quota: int) -> Prediction:
    store.blobs.put(model_path("model_1"), nn.formats.save(network()))
    write(store, "model_1", record_of(network()))
    store.usage.charge("pred_1", len(ROWS), caller=Caller("key", quota))
    store.blobs.put(body_path("pred_1"), ROWS)
    asked = {"form": "json", "about": {}, "created_at": 0}
    store.predictions.create("pred_1", "model_1", "json", asked)
    BatchPredictions(tools(store, settings)).run()
    return store.predictions.get("pred_1")


def test_a_result_is_charged_beside_its_body(store: Store, settings: Settings) -> None:
    prediction = predicted(store, settings, 10_000)

    assert prediction.status == "succeeded", prediction.error
    assert store.usage.kept("key") == store.blobs.folder_size("predictions/pred_1/") > len(ROWS)


def test_a_result_that_is_too_much_is_not_kept(store: Store, settings: Settings) -> None:
    prediction = predicted(store, settings, len(ROWS) + 10)

    assert (prediction.status, prediction.error["code"]) == ("failed", "quota_exceeded")
    assert [path for path in blobs_of(store) if path.startswith("predictions/")] == [body_path("pred_1")]
    assert store.usage.kept("key") == len(ROWS)


def test_a_model_is_charged_to_who_had_it_trained(store: Store, settings: Settings) -> None:
    job_id = submit(store)
    store.usage.charge(job_id, 0, caller=Caller("key", 1))

    job = run(store, settings, job_id)

    assert job.status == "succeeded", job.error
    kept = [path for path in blobs_of(store) if path.startswith(f"models/{job.model_id}")]
    assert store.usage.kept("key") == sum(store.blobs.size(path) for path in kept)
    assert store.redis.hkeys(keys.USAGE_CALLERS) == [job.model_id.encode()]


def test_no_training_begins_for_who_keeps_as_much_as_it_may(store: Store, settings: Settings) -> None:
    job_id = submit(store)
    store.usage.charge(job_id, 0, caller=Caller("key", 10))
    store.usage.charge("ds_1", 10, caller=Caller("key", 10))

    job = run(store, settings, job_id)

    assert (job.status, job.error["code"], job.progress) == ("failed", "quota_exceeded", None)


def test_a_model_from_outside_is_charged_and_so_is_each_format_of_it(store: Store, settings: Settings) -> None:
    store.usage.charge(upload_of("import_1"), 0, caller=Caller("key", 10))

    imported(store, settings, nn.formats.save(network()))
    alone = store.usage.kept("key")
    exported(store, settings, "model_1", "npz")

    assert alone == store.blobs.size(model_path("model_1"))
    assert store.usage.kept("key") == store.blobs.folder_size("models/") > alone
    assert store.usage.kept() == store.usage.kept("key")
