"""Bytes that are kept are counted by who brought them, and bounded."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis

from worker.errors import BlobError, QuotaExceededError, StorageFullError
from worker.store import Store, keys, usage
from worker.store.blobs import Blobs
from worker.store.space import Space
from worker.store.usage import Caller, Usage, upload_of

READER, OWNER = Caller("reader", 100), Caller("owner", 1000)
STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([READER, OWNER]), st.integers(-1, 120)), max_size=30)


def test_a_caller_keeps_what_it_may_and_no_byte_more(store: Store) -> None:
    store.usage.charge("pred_1", 60, caller=READER)
    store.usage.charge("pred_2", 40, caller=READER)
    with pytest.raises(QuotaExceededError, match="keeps 100 bytes, and may keep 100") as refused:
        store.usage.charge("pred_3", 1, caller=READER)
    store.usage.charge("pred_3", 1, caller=OWNER)
    store.usage.discharge("pred_2")
    store.usage.charge("pred_1", 95, caller=READER)

    assert (refused.value.kept, refused.value.quota) == (100, 100)
    assert (store.usage.kept("reader"), store.usage.kept("owner"), store.usage.kept()) == (95, 1, 96)
    with pytest.raises(QuotaExceededError):
        store.usage.charge("pred_1", 101)


def test_what_a_worker_makes_is_charged_to_the_caller_who_had_it_made(store: Store) -> None:
    store.usage.charge("job_1", 0, caller=READER)

    store.usage.check(thing="job_1")
    store.usage.charge("model_1", 70, like="job_1")
    with pytest.raises(QuotaExceededError):
        store.usage.charge("model_2", 70, like="job_1")
    store.usage.charge("model_2", 70, like="job_1", whatever=True)

    assert store.usage.kept("reader") == 140
    with pytest.raises(QuotaExceededError):
        store.usage.check(thing="job_1")
    with pytest.raises(QuotaExceededError):
        store.usage.check(caller=READER)
    store.usage.check(thing="job_of_version_0_1_0")
    store.usage.charge("model_3", 10**12, like="job_of_version_0_1_0")


def test_all_together_keep_what_the_settings_say(redis: Redis) -> None:
    bounded = Usage(redis, most_bytes=150)
    bounded.charge("a", 100, caller=READER)

    with pytest.raises(StorageFullError, match="NEUROND_MAX_KEPT_BYTES"):
        bounded.charge("b", 51, caller=OWNER)
    bounded.charge("b", 50, caller=OWNER)

    assert bounded.kept() == 150


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_sums_are_those_of_what_is_kept_and_nothing_stays_of_what_is_not(steps: list) -> None:
    import fakeredis

    redis = fakeredis.FakeRedis()
    kept, account = {}, Usage(redis, most_bytes=0)
    for thing, caller, size in steps:
        name = f"{thing} of {caller.name}"
        if size < 0:
            account.discharge(name)
            kept.pop(name, None)
            continue
        own = sum(kept[other] for other in kept if other.endswith(caller.name) and other != name)
        try:
            account.charge(name, size, caller=caller)
            assert own + size <= caller.quota or size <= kept[name]
            kept[name] = size
        except QuotaExceededError:
            assert own + size > caller.quota

    for caller in (READER, OWNER):
        assert account.kept(caller.name) == sum(size for name, size in kept.items() if name.endswith(caller.name))
    assert account.kept() == sum(kept.values())
    for name in kept:
        account.discharge(name)
    assert account.kept() == 0
    assert [key for key in redis.scan_iter() if key != keys.USAGE_SUMS.encode()] == []


def test_what_has_no_record_is_discharged_in_the_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for thing in ("pred_1", "pred_2", upload_of("ds_1")):
        store.usage.charge(thing, 10, caller=READER)
    fresh = store.usage.forget_gone(lambda _: False)
    monkeypatch.setattr(usage, "GONE_MS", -5_000)

    gone = store.usage.forget_gone(lambda thing: thing == "pred_2")

    assert (fresh, gone) == (0, 2)
    assert store.usage.kept("reader") == 10


@pytest.mark.parametrize(
    ("free", "size", "least", "more", "refused"),
    [
        (3 << 30, 1 << 40, 2 << 30, 0, False),
        (3 << 30, 1 << 40, 2 << 30, (1 << 30) + 1, True),
        (2 << 20, 64 << 20, 2 << 30, 0, True),
        (4 << 20, 64 << 20, 2 << 30, 0, False),
        (0, 1 << 40, 0, 0, False),
    ],
)
def test_a_disk_keeps_some_space_for_what_was_accepted(
    free: int, size: int, least: int, more: int, *, refused: bool
) -> None:
    class Disk:
        def disk(self) -> tuple[int, int]:
            return free, size

    space = Space(Disk, least_free=least, clock=lambda: 0.0)  # type: ignore[arg-type]
    if refused:
        with pytest.raises(StorageFullError, match="NEUROND_MIN_FREE_BYTES"):
            space.check(more)
    else:
        space.check(more)


def test_bytes_count_as_written_until_the_disk_is_measured_again() -> None:
    class Disk:
        def disk(self) -> tuple[int, int]:
            return 100, 1000

    now = 0.0
    space = Space(Disk, least_free=50, clock=lambda: now)  # type: ignore[arg-type]
    space.check(30)

    with pytest.raises(StorageFullError):
        space.check(30)
    now = 1.0
    space.check(30)


def test_an_object_store_has_no_disk_and_a_folder_has_its_own(tmp_path: Path) -> None:
    free, size = Blobs(f"file://{tmp_path}").disk() or (0, 0)

    assert 0 < free <= size
    assert Blobs("memory:///").disk() is None


def test_the_last_of_a_disk_is_left_to_redis_by_workers_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = Blobs(f"file://{tmp_path}")
    monkeypatch.setattr(Blobs, "disk", lambda _: (103 << 20, 10 << 30))
    blobs.put("a", b"x")

    monkeypatch.setattr(Blobs, "disk", lambda _: (256 << 20, 1 << 40))
    for write in (lambda: blobs.put("b", b"x"), lambda: blobs.put_pieces("c", iter([b"x"]))):
        with pytest.raises(StorageFullError, match="too little for 1 more"):
            write()

    assert [path for path, _ in blobs.list("")] == ["a"]


def test_a_disk_without_space_is_told_from_other_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = Blobs(f"file://{tmp_path}")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    def broken(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("worker.store.blobs.obstore.put", full)
    with pytest.raises(StorageFullError):
        blobs.put("a", b"x")
    monkeypatch.setattr("worker.store.blobs.obstore.put", broken)
    with pytest.raises(BlobError) as raised:
        blobs.put("a", b"x")
    assert not isinstance(raised.value, StorageFullError)
