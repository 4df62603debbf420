"""Workers of one name: one that is started where another has died, and one that is started beside another."""

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from worker.runtime.takeover import SILENT_SECONDS, WATCHED_SECONDS, Takeover
from worker.store import Store, keys
from worker.store.claim import Claim
from worker.store.record_store import RecordStore
from worker.store.workers import name_of, owner_of, place_of
from worker.work.kind import FILES, TRAINING

PLACE = "train@here"
BEFORE, NOW = name_of(PLACE, "0000aaaa"), name_of(PLACE, "1111bbbb")
LEASE_SECONDS = 8.0


class Clock:
    """One that a test sets."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def takeover(clock: Clock) -> Takeover:
    return Takeover(NOW, lease_seconds=LEASE_SECONDS, most_attempts=3, clock=clock)


def begin(store: Store, worker: str) -> Claim:
    store.jobs.create({}, most_queued=9)
    claim = store.jobs.claim(owner_of(worker, 7), int(LEASE_SECONDS * 1000))
    assert claim is not None
    return claim


def silent(store: Store, claim: Claim | None = None, seconds: float = SILENT_SECONDS) -> None:
    """Neither signature nor lease is newer than `seconds`."""
    for queue in (TRAINING, FILES):
        for name in store.workers.signatures(queue):
            store.redis.zincrby(keys.workers(queue), -seconds, name)
    if claim is not None:
        store.redis.zincrby(keys.JOB.leases, -seconds * 1000, claim.record.id)


def watch(takeover: Takeover, store: Store, clock: Clock, seconds: float = WATCHED_SECONDS) -> None:
    takeover.look(store)
    clock.seconds += seconds
    takeover.look(store)


def test_each_start_of_a_worker_has_a_name_of_its_own_at_the_same_place() -> None:
    assert BEFORE != NOW
    assert place_of(BEFORE) == place_of(NOW) == place_of(PLACE) == PLACE


@pytest.mark.parametrize("worker", [BEFORE, PLACE], ids=["of this version", "of 0.1.0, without a nonce"])
def test_what_a_silent_worker_left_waits_again_when_its_place_is_taken(
    store: Store, takeover: Takeover, clock: Clock, worker: str
) -> None:
    store.workers.sign(TRAINING, worker)
    claim = begin(store, worker)
    silent(store, claim)

    watch(takeover, store, clock)

    assert store.jobs.get(claim.record.id).status == "queued"
    [*_, event] = store.events.read(claim.record.id)
    assert event.data == {"reason": "its worker died and was started again"}
    assert store.workers.names(TRAINING) == []


def test_another_of_the_same_name_that_renews_its_lease_keeps_its_job(
    store: Store, takeover: Takeover, clock: Clock
) -> None:
    claim = begin(store, BEFORE)
    silent(store, claim)
    takeover.look(store)
    clock.seconds += WATCHED_SECONDS
    store.jobs.renew(claim, int(LEASE_SECONDS * 1000))
    takeover.look(store)
    silent(store, claim, 60.0)

    watch(takeover, store, clock, 60.0)

    assert store.jobs.get(claim.record.id).status == "running", "it was seen to live, so its lease tells"


def test_another_of_the_same_name_that_signs_keeps_its_job_and_is_listed(
    store: Store, takeover: Takeover, clock: Clock
) -> None:
    claim = begin(store, BEFORE)
    silent(store, claim)
    takeover.look(store)
    clock.seconds += WATCHED_SECONDS
    store.workers.sign(TRAINING, BEFORE)
    takeover.look(store)
    store.workers.sign(TRAINING, NOW)

    assert store.jobs.get(claim.record.id).status == "running"
    assert store.workers.names(TRAINING) == [BEFORE, NOW]


def test_one_that_was_silent_for_a_moment_only_keeps_its_job(store: Store, takeover: Takeover, clock: Clock) -> None:
    claim = begin(store, BEFORE)

    watch(takeover, store, clock, 60.0)

    assert store.jobs.get(claim.record.id).status == "running"


def test_one_that_seems_silent_at_first_is_watched_before_it_counts_as_dead(store: Store, takeover: Takeover) -> None:
    claim = begin(store, BEFORE)
    silent(store, claim, 3600.0)

    takeover.look(store)
    takeover.look(store)

    assert store.jobs.get(claim.record.id).status == "running"


def test_nothing_is_taken_from_a_worker_elsewhere(store: Store, takeover: Takeover, clock: Clock) -> None:
    claims = [begin(store, name_of(place, "2222cccc")) for place in ("train@there", "other@here")]
    for claim in claims:
        silent(store, claim)

    watch(takeover, store, clock)

    assert [store.jobs.get(claim.record.id).status for claim in claims] == ["running", "running"]


def test_one_that_came_later_is_not_watched(store: Store, takeover: Takeover, clock: Clock) -> None:
    takeover.look(store)
    claim = begin(store, BEFORE)
    silent(store, claim)

    watch(takeover, store, clock)

    assert store.jobs.get(claim.record.id).status == "running"


def test_a_worker_starts_while_redis_is_away(
    store: Store, takeover: Takeover, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = begin(store, BEFORE)
    silent(store, claim)

    def away(_: RecordStore) -> dict:
        raise RedisConnectionError("refused")

    with monkeypatch.context() as patch:
        patch.setattr(RecordStore, "owners", away)
        takeover.look(store)
    watch(takeover, store, clock)

    assert store.jobs.get(claim.record.id).status == "queued"
