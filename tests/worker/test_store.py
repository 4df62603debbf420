from pathlib import Path

import pytest

from worker.errors import BlobMissingError
from worker.settings import Settings
from worker.store import Store
from worker.store.blobs import Blobs


def test_a_blob_is_kept_whole_and_goes(tmp_path: Path) -> None:
    blobs = Blobs(f"file://{tmp_path}/deep/er")

    blobs.put("models/m.bin", b"\0weights")
    kept = blobs.get("models/m.bin")
    blobs.delete("models/m.bin")
    blobs.delete("models/m.bin")

    assert kept == b"\0weights"
    with pytest.raises(BlobMissingError, match=r"models/m\.bin"):
        blobs.get("models/m.bin")


def test_events_are_read_after_an_id_and_followed_to_the_last(store: Store) -> None:
    job, _ = store.jobs.create({}, most_queued=1)
    [queued] = store.events.read(job.id)
    following = store.events.follow(job.id, after=queued.id, seconds=0.05)
    quiet = next(following)
    store.jobs.cancel(job.id)

    [cancelled] = [event for event in following if event is not None]

    assert quiet is None
    assert (queued.event, queued.last) == ("queued", False)
    assert (cancelled.event, cancelled.last) == ("cancelled", True)
    assert list(store.events.all(job.id, after=cancelled.id)) == []
    assert store.events.read(job.id, limit=1) == [queued]
    assert cancelled.created_at >= queued.created_at


def test_opening_a_store_connects_to_nothing() -> None:
    assert Store.open(Settings(redis_url="redis://127.0.0.1:1/0"))
