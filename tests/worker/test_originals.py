"""The files of an upload are kept while a data set reads from them, and go with the last."""

import threading
from functools import partial
from pathlib import Path

import pytest
from redis import Redis

from tests.support.builders.uploads import WINE, arrays_of, blobs_of, ingest, upload
from worker.errors import NotFoundError, NotKeptError, QueueFullError
from worker.ingest import sweep
from worker.jobspec.dataset import DatasetSpec
from worker.settings import Settings
from worker.store import Store, datasets, keys
from worker.store.uploads import delete_upload

ORIGINAL = "uploads/ds_1/file.000000"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(blob_url=f"file://{tmp_path}", ingest_seconds=60)


def delete(store: Store, identifier: str) -> None:
    """As the API does it."""
    record, last = store.datasets.delete(identifier)
    if record.blob is not None:
        store.shared_blobs.let_go(record.blob, identifier)
    if last:
        delete_upload(store.blobs, record.upload)


def read_again(store: Store, identifier: str, source: str = "ds_1", **changes: object) -> datasets.Dataset:
    before = store.datasets.get(source)
    spec = DatasetSpec.model_validate(before.spec | changes).model_dump(mode="json")
    return store.datasets.create_from(before, identifier, spec)


def test_one_whose_reading_failed_is_read_again_with_other_choices(store: Store, settings: Settings) -> None:
    upload(store, {"file": WINE}, target="colour")
    failed = ingest(store, settings)

    again = read_again(store, "ds_2", target="grape")
    ready = ingest(store, settings, "ds_2")

    assert (failed.state, failed.upload) == ("failed", "ds_1")
    assert (again.status, again.upload, again.files) == ("queued", "ds_1", failed.files)
    assert ready.state == "ready", ready.error
    assert ready.about["target"] == "grape"
    assert blobs_of(store) == [ready.blob, ORIGINAL]


def test_the_original_goes_with_the_last_data_set_that_reads_it(store: Store, settings: Settings) -> None:
    upload(store, {"file": WINE})
    ingest(store, settings)
    read_again(store, "ds_2", test_split=0.5)
    delete(store, "ds_1")
    sweep.sweep(store)
    kept = blobs_of(store)

    third = read_again(store, "ds_3", "ds_2", categorical="alcohol")
    ready = [ingest(store, settings, identifier) for identifier in ("ds_2", "ds_3")]
    delete(store, "ds_2")
    still = ORIGINAL in blobs_of(store)
    delete(store, "ds_3")

    assert kept == [ORIGINAL]
    assert third.upload == "ds_1"
    assert [dataset.about["rows"]["test"] for dataset in ready] == [10, 10]
    assert [dataset.about["columns"][0]["kind"] for dataset in ready] == ["numeric", "categorical"]
    assert still
    assert blobs_of(store) == []
    assert store.redis.keys("*upload*") == []


def test_the_same_choices_again_keep_the_arrays_once(store: Store, settings: Settings) -> None:
    upload(store, {"file": WINE})
    first = ingest(store, settings)
    read_again(store, "ds_2")

    second = ingest(store, settings, "ds_2")

    assert second.state == "ready"
    assert len(arrays_of(store)) <= 2  # the rows that are held out are drawn by the data set's own name
    assert [path for path in blobs_of(store) if not path.startswith("datasets/")] == [ORIGINAL]
    assert first.about["rows"] == second.about["rows"]


def test_what_is_not_kept_cannot_be_read_again(store: Store) -> None:
    upload(store, {"file": WINE})
    source = store.datasets.get("ds_1")
    delete(store, "ds_1")

    with pytest.raises(NotKeptError, match="'ds_1' is not kept: upload the file again"):
        store.datasets.create_from(source, "ds_2", source.spec)

    upload(store, {"file": WINE}, "ds_old")
    store.redis.hdel(keys.DATASET.record("ds_old"), "upload")
    store.redis.delete(keys.upload_users("ds_old"))
    old = store.datasets.get("ds_old")
    with pytest.raises(NotKeptError, match="upload the file again"):
        store.datasets.create_from(old, "ds_2", old.spec)
    assert (old.upload, old.keeps_upload) == ("ds_old", False)
    with pytest.raises(NotFoundError):
        store.datasets.get("ds_2")
    assert not store.datasets.is_read_from("ds_2")


def test_one_that_may_not_wait_keeps_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(store, {"file": WINE})
    monkeypatch.setattr(datasets, "MOST_WAITING", 1)

    with pytest.raises(QueueFullError):
        read_again(store, "ds_2")

    delete(store, "ds_1")
    assert blobs_of(store) == []


def test_a_crash_between_the_record_and_its_files_is_swept(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(store, {"file": WINE})
    ingest(store, settings)
    record, last = store.datasets.delete("ds_1")
    store.shared_blobs.let_go(str(record.blob), "ds_1")
    monkeypatch.setattr(sweep, "ABANDONED", sweep.ABANDONED * -1)

    sweep.sweep(store)

    assert last
    assert blobs_of(store) == []


def attempt(
    store: Store, source: datasets.Dataset, identifier: str, barrier: threading.Barrier, refusals: list[str]
) -> None:
    barrier.wait()
    try:
        store.datasets.create_from(source, identifier, source.spec)
    except NotKeptError as error:
        refusals.append(str(error))


def test_reading_again_and_deleting_at_the_same_moment_never_lose_a_file(server: Redis, settings: Settings) -> None:
    store = Store(server, settings)
    barrier = threading.Barrier(2)
    for turn in range(60):
        first, second = f"ds_{turn}a", f"ds_{turn}b"
        upload(store, {"file": WINE}, first)
        refusals: list[str] = []
        again = partial(attempt, store, store.datasets.get(first), second, barrier, refusals)

        thread = threading.Thread(target=again)
        thread.start()
        barrier.wait()
        delete(store, first)
        thread.join()

        kept = f"uploads/{first}/file.000000" in blobs_of(store)
        assert kept is (refusals == [])
        if kept:
            delete(store, second)
    assert blobs_of(store) == []
