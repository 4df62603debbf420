import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from worker.errors import GaveUpError
from worker.runtime.lease import Lease
from worker.runtime.limits import Limits
from worker.runtime.runner import Attempt
from worker.store import Store, keys
from worker.store.jobs import Claim, Jobs

LEASE_SECONDS = 0.4
PATIENCE = 10.0


@pytest.fixture
def claim(store: Store) -> Claim:
    store.jobs.create({}, most_queued=1)
    claimed = store.jobs.claim("worker", int(LEASE_SECONDS * 1000))
    assert claimed is not None
    return claimed


def test_a_lease_is_renewed_while_the_block_runs(store: Store, claim: Claim) -> None:
    begun = store.redis.zscore(keys.JOB.leases, claim.record.id)

    with Lease(store.jobs, claim, LEASE_SECONDS) as lease:
        while store.redis.zscore(keys.JOB.leases, claim.record.id) <= begun + 200:
            assert lease.is_alive()

    assert not lease.is_alive()
    assert not lease.cancelled.is_set()
    assert not lease.lost.is_set()


def test_a_lease_hears_of_a_cancel(store: Store, claim: Claim) -> None:
    with Lease(store.jobs, claim, LEASE_SECONDS) as lease:
        store.jobs.cancel(claim.record.id)

        assert lease.cancelled.wait(PATIENCE)


def test_a_lease_hears_that_it_is_lost_and_ends(store: Store, claim: Claim) -> None:
    with Lease(store.jobs, claim, LEASE_SECONDS) as lease:
        store.redis.hincrby(keys.JOB.record(claim.record.id), "token", 1)

        assert lease.lost.wait(PATIENCE)
        lease.join(PATIENCE)
        assert not lease.is_alive()


def test_a_lease_ends_with_the_claim_and_says_nothing_of_a_loss(
    store: Store, claim: Claim, caplog: pytest.LogCaptureFixture
) -> None:
    with Lease(store.jobs, claim, LEASE_SECONDS) as lease:
        with lease.ending():
            store.jobs.finish(claim, "succeeded")
        lease.join(PATIENCE)  # what is cleaned up afterwards may take long

        assert not lease.is_alive()
    assert not lease.lost.is_set()
    assert caplog.messages == []


def test_a_lease_goes_on_when_the_end_could_not_be_written(store: Store, claim: Claim) -> None:
    with Lease(store.jobs, claim, LEASE_SECONDS) as lease:
        with pytest.raises(RedisConnectionError), lease.ending():
            raise RedisConnectionError("away")
        store.jobs.cancel(claim.record.id)

        assert lease.cancelled.wait(PATIENCE)


def test_an_end_whose_answer_was_lost_is_no_loss(store: Store, claim: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.runtime.runner.RETRY_SECONDS", 0.0)
    tries: list[str] = []

    def finish() -> str:
        if tries:
            assert lease.lost.is_set()
        tries.append(store.jobs.finish(claim, "succeeded"))
        if len(tries) == 1:
            raise RedisConnectionError("the answer was lost")
        return tries[-1]

    with Lease(store.jobs, claim, LEASE_SECONDS) as lease:
        attempt = Attempt(claim, lease, Limits(memory_bytes=1 << 62, seconds=60), lambda: not lease.lost.wait(PATIENCE))
        ended = attempt.end(finish)

    assert ended == "succeeded"


def test_a_write_is_given_up_when_the_worker_shuts_down_while_redis_is_away(
    store: Store, claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.runtime.runner.RETRY_SECONDS", 0.0)

    def away() -> None:
        raise RedisConnectionError("away")

    with Lease(store.jobs, claim, LEASE_SECONDS) as lease, pytest.raises(GaveUpError):
        Attempt(claim, lease, Limits(memory_bytes=1 << 62, seconds=60), lambda: True).write(away)


class Unreachable(Jobs):
    """Redis is away for the first renewals."""

    failures = 3

    def renew(self, claim: Claim, lease_ms: int) -> bool:
        if self.failures:
            self.failures -= 1
            raise RedisConnectionError("away")
        return super().renew(claim, lease_ms)


def test_a_redis_that_is_away_ends_no_lease(store: Store, claim: Claim) -> None:
    jobs = Unreachable(store.redis, store.metrics, retention_seconds=1, withdrawn_retention_seconds=1)
    store.jobs.cancel(claim.record.id)

    with Lease(jobs, claim, LEASE_SECONDS) as lease:
        assert lease.cancelled.wait(PATIENCE)
        assert not lease.lost.is_set()
    assert jobs.failures == 0
