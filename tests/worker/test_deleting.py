"""Records that are deleted, and jobs that no worker ever took, leave nothing in Redis."""

import pytest
from redis import Redis

from worker.errors import InUseError, NotFoundError
from worker.settings import Settings
from worker.store import Store, keys, record_store

CONFIG = {"dataset": "mnist"}


@pytest.fixture
def settings() -> Settings:
    return Settings(job_retention_seconds=3600, withdrawn_retention_seconds=60)


def create(store: Store, key: str | None = None) -> str:
    job, _ = store.jobs.create(
        CONFIG, most_queued=10_000, idempotency_key=key, fingerprint="f", idempotency_seconds=900
    )
    return job.id


def keys_of(redis: Redis) -> set[str]:
    return {key.decode().removeprefix(keys.PREFIX).partition(":metrics")[0] for key in redis.scan_iter()}


def ended(store: Store, key: str | None = None) -> str:
    job_id = create(store, key)
    claim = store.jobs.claim("w", 9000)
    assert claim is not None
    store.jobs.finish(claim, "failed", error={"code": "diverged", "message": "NaN"})
    return job_id


def test_a_job_that_has_ended_is_deleted_without_a_trace(store: Store) -> None:
    job_id = ended(store, key="again")

    store.jobs.delete(job_id)

    assert not {key for key in keys_of(store.redis) if not key.startswith(("jobs:sequence", "metrics"))}
    with pytest.raises(NotFoundError):
        store.jobs.delete(job_id)
    assert store.jobs.made_by("again", "another") is None
    assert create(store, key="again") != job_id


def test_a_job_that_waits_or_runs_is_not_deleted(store: Store) -> None:
    running, waiting = create(store), create(store)
    store.jobs.claim("w", 9000)

    for job_id, state in ((waiting, "queued"), (running, "running")):
        with pytest.raises(InUseError, match=f"is {state}: it can be deleted when it has ended"):
            store.jobs.delete(job_id)
        assert store.jobs.get(job_id).status == state


def test_a_prediction_is_deleted_while_it_waits_and_when_it_has_ended(store: Store) -> None:
    for name in ("failed", "running", "waiting"):
        store.predictions.create(f"pred_{name}", "model_1", "json", {})
    claim = store.predictions.claim("w", 9000)
    assert claim is not None
    store.predictions.end(claim, "failed", error={"code": "invalid_input", "message": "no"})
    store.predictions.claim("w", 9000)

    for name in ("waiting", "failed"):
        store.predictions.delete(f"pred_{name}")
    with pytest.raises(InUseError):
        store.predictions.delete("pred_running")

    assert [record.id for record in store.predictions.page(limit=9).data] == ["pred_running"]
    assert store.predictions.claim("w", 9000) is None


def test_a_job_that_no_worker_took_is_soon_forgotten_with_its_key(store: Store) -> None:
    job_id = create(store, key="again")

    store.jobs.cancel(job_id)

    record = keys.JOB.record(job_id)
    (key,) = (name for name in store.redis.scan_iter(f"{keys.PREFIX}idempotency:*"))
    for name in (record, keys.JOB.events(job_id), key):
        assert 0 < store.redis.ttl(name) <= 60
    store.redis.delete(record)
    assert store.jobs.made_by("again", "f") is None
    new = create(store, key="again")
    assert new != job_id
    assert store.jobs.made_by("again", "f") == store.jobs.get(new)


def test_a_job_that_was_put_back_and_cancelled_then_is_kept_as_long_as_any(store: Store) -> None:
    job_id = create(store)
    claim = store.jobs.claim("w", 9000)
    assert claim is not None
    store.jobs.release(claim)

    store.jobs.cancel(job_id)

    assert 60 < store.redis.ttl(keys.JOB.record(job_id)) <= 3600


def test_a_flood_of_submits_and_cancels_is_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_store, "MOST_WITHDRAWN", 3)
    kept = ended(store)

    made = [create(store, key=str(number)) for number in range(8)]
    for job_id in made:
        store.jobs.cancel(job_id)

    assert [job.id for job in store.jobs.page(limit=9).data] == [*reversed(made[-3:]), kept]
    assert [job.id for job in store.jobs.page(limit=9, status="cancelled").data] == [*reversed(made[-3:])]
    assert len(list(store.redis.scan_iter(f"{keys.PREFIX}idempotency:*"))) == 3
    assert len(list(store.redis.scan_iter(f"{keys.PREFIX}job:*:events"))) == 4
