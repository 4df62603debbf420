import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from worker.lease import Lease
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
    begun = store.redis.zscore(keys.JOB.leases, claim.job.id)

    with Lease(store.jobs, claim, LEASE_SECONDS) as lease:
        while store.redis.zscore(keys.JOB.leases, claim.job.id) <= begun + 200:
            assert lease.is_alive()

    assert not lease.is_alive()
    assert not lease.cancelled.is_set()
    assert not lease.lost.is_set()


def test_a_lease_hears_of_a_cancel(store: Store, claim: Claim) -> None:
    with Lease(store.jobs, claim, LEASE_SECONDS) as lease:
        store.jobs.cancel(claim.job.id)

        assert lease.cancelled.wait(PATIENCE)


def test_a_lease_hears_that_it_is_lost_and_ends(store: Store, claim: Claim) -> None:
    with Lease(store.jobs, claim, LEASE_SECONDS) as lease:
        store.redis.hincrby(keys.JOB.record(claim.job.id), "token", 1)

        assert lease.lost.wait(PATIENCE)
        lease.join(PATIENCE)
        assert not lease.is_alive()


class Unreachable(Jobs):
    """Redis is away for the first renewals."""

    failures = 3

    def renew(self, claim: Claim, lease_ms: int) -> bool:
        if self.failures:
            self.failures -= 1
            raise RedisConnectionError("away")
        return super().renew(claim, lease_ms)


def test_a_redis_that_is_away_ends_no_lease(store: Store, claim: Claim) -> None:
    jobs = Unreachable(store.redis, store.metrics, retention_seconds=1)
    store.jobs.cancel(claim.job.id)

    with Lease(jobs, claim, LEASE_SECONDS) as lease:
        assert lease.cancelled.wait(PATIENCE)
        assert not lease.lost.is_set()
    assert jobs.failures == 0
