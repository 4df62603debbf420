from pathlib import Path

import pytest

from worker.errors import InUseError, LeaseLostError, NotFoundError, QueueFullError
from worker.settings import Settings
from worker.store import Store, datasets, keys
from worker.store.uploads import UploadedFile

FILE = UploadedFile("file", "wine.csv", 3, "0" * 64)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(blob_url=f"file://{tmp_path}")


def create(store: Store, identifier: str = "ds_1") -> datasets.Dataset:
    return store.datasets.create(identifier, {"name": None}, [FILE])


def test_a_data_set_is_processing_until_it_is_ready(store: Store) -> None:
    created = create(store)
    claim = store.datasets.claim("owner", 9000)
    running = store.datasets.get("ds_1")
    store.datasets.ready(claim, {"blob": "datasets/a.safetensors", "rows": {"train": 4, "test": 1}})
    ready = store.datasets.get("ds_1")

    assert [record.state for record in (created, running, ready)] == ["processing", "processing", "ready"]
    assert created.files == (FILE,)
    assert (created.blob, ready.blob) == (None, "datasets/a.safetensors")
    assert ready.finished_at is not None
    assert store.redis.ttl(keys.DATASET.record("ds_1")) == -1


def test_one_that_is_deleted_while_it_is_read_is_gone_and_its_reader_cannot_write(store: Store) -> None:
    create(store)
    claim = store.datasets.claim("owner", 9000)

    store.datasets.delete("ds_1")

    with pytest.raises(LeaseLostError):
        store.datasets.ready(claim, {"blob": "x"})
    with pytest.raises(LeaseLostError):
        store.datasets.renew(claim, 9000)
    assert [key for key in store.redis.scan_iter() if b"ds_1" in key] == []
    assert store.redis.zcard(keys.DATASET.leases) == 0
    with pytest.raises(NotFoundError):
        store.datasets.delete("ds_1")


@pytest.mark.parametrize("running", [False, True])
def test_one_that_a_job_needs_is_not_deleted(store: Store, running: bool) -> None:
    create(store)
    job, _ = store.jobs.create({"dataset": "ds_1"}, most_queued=5)
    store.jobs.create({"dataset": "ds_2"}, most_queued=5)
    claim = store.jobs.claim("owner", 9000) if running else None

    with pytest.raises(InUseError, match=job.id):
        store.datasets.delete("ds_1")

    store.jobs.cancel(job.id)
    if claim:
        store.jobs.finish(claim, "cancelled")
    store.datasets.delete("ds_1")
    assert store.datasets.page(limit=5).data == []


def test_no_more_uploads_may_wait_than_can_be_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "MOST_WAITING", 1)
    create(store)

    with pytest.raises(QueueFullError, match="1 datasets wait"):
        create(store, "ds_2")


def test_a_shared_blob_goes_with_its_last_user(store: Store) -> None:
    puts = []

    def put() -> None:
        puts.append(1)
        store.blobs.put("datasets/a", b"x")

    store.shared_blobs.keep("datasets/a", "ds_1", put)
    store.shared_blobs.keep("datasets/a", "ds_2", put)
    store.shared_blobs.let_go("datasets/a", "ds_1")
    kept = store.blobs.size("datasets/a")
    store.shared_blobs.let_go("datasets/a", "ds_2")

    assert len(puts) == 1
    assert kept == 1
    assert store.blobs.size("datasets/a") is None
    assert list(store.redis.scan_iter()) == []
