"""Work that functions run: done, waiting for children, cancelled, taken over."""

from collections.abc import Callable

import fakeredis
import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from redis import Redis

from tests.support.builders.tools import tools
from tests.support.kinds import SQUARE, SUM
from worker import work
from worker.errors import LeaseLostError
from worker.runtime.function_runner import FunctionRunner
from worker.settings import Settings
from worker.store import Store
from worker.store.claim import Claim, NewRecord
from worker.store.status import STATUSES, WAITING
from worker.store.work_records import WorkRecords
from worker.work.kind import Kind

LEASE_MS = 60_000
ONE = {"request": b'{"number": 1}'}


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (SUM, SQUARE):
        monkeypatch.setitem(work.KINDS, kind.noun, kind)


@pytest.fixture
def store(redis: Redis, kinds: None) -> Store:
    return Store(redis, Settings())


def records_of(store: Store, kind: Kind) -> WorkRecords:
    found = store.records(kind)
    assert isinstance(found, WorkRecords)
    return found


@pytest.fixture
def sums(store: Store) -> WorkRecords:
    return records_of(store, SUM)


@pytest.fixture
def squares(store: Store) -> WorkRecords:
    return records_of(store, SQUARE)


def run_one(store: Store, kind: Kind) -> None:
    FunctionRunner(tools(store, Settings()), kind).run()


def run_all(store: Store) -> None:
    """Run whatever waits until nothing does."""
    while waiting := [kind for kind in (SUM, SQUARE) if store.records(kind).waiting()]:
        for kind in waiting:
            run_one(store, kind)


def submitted(records: WorkRecords, *numbers: int) -> str:
    return records.add(records.fields({"numbers": numbers}), most_queued=100)[0].id


def claimed(records: WorkRecords) -> Claim:
    claim = records.claim("w", LEASE_MS)
    assert claim is not None
    return claim


def test_a_parent_waits_for_its_children_and_goes_on_with_what_they_gave(store: Store, sums: WorkRecords) -> None:
    parent = submitted(sums, 3, 4)
    run_one(store, SUM)
    waiting = sums.get(parent)

    run_all(store)

    assert (waiting.status, waiting.finished) == (WAITING, False)
    assert len(sums.children(parent)) == 2
    ended = sums.get(parent)
    assert (ended.status, ended.result, ended.progress) == ("succeeded", {"sum": 25}, {"children": 2})


def test_a_child_that_fails_is_counted_and_its_parent_hears_of_it(store: Store, sums: WorkRecords) -> None:
    parent = submitted(sums, 3, 13, 4)

    run_all(store)

    ended = sums.get(parent)
    assert ended.status == "failed"
    assert ended.error is not None
    assert ended.error["message"] == "1 of 3 failed"


def test_a_parent_that_is_cancelled_while_it_waits_leaves_no_child_waiting(
    store: Store, sums: WorkRecords, squares: WorkRecords
) -> None:
    parent = submitted(sums, 3, 4, 5)
    run_one(store, SUM)
    running = claimed(squares)

    ended = sums.cancel(parent)

    assert ended.status == "cancelled"
    assert [squares.get(child).status for child in sums.children(parent)] == ["running", "cancelled", "cancelled"]
    assert squares.renew(running, LEASE_MS), "the one that runs is told"
    squares.end(running, "cancelled")
    assert sums.get(parent) == ended


def test_a_step_of_an_owner_that_lost_its_lease_makes_no_children(
    store: Store, sums: WorkRecords, squares: WorkRecords
) -> None:
    parent = submitted(sums, 1, 2)
    claim = claimed(sums)
    sums.take_expired(parent, ends=sums.leases()[parent], most_attempts=3)

    with pytest.raises(LeaseLostError):
        sums.wait_for(claim, [NewRecord("square_x", SQUARE, ONE)])
    run_all(store)

    assert len(sums.children(parent)) == 2
    assert not squares.exists("square_x")
    assert sums.get(parent).result == {"sum": 5}


def test_a_step_whose_answer_was_lost_is_taken_once(sums: WorkRecords, squares: WorkRecords) -> None:
    parent = submitted(sums, 1)
    claim = claimed(sums)
    new = [NewRecord("square_x", SQUARE, ONE)]

    assert [sums.wait_for(claim, new), sums.wait_for(claim, new)] == [WAITING, WAITING]

    assert sums.children(parent) == ["square_x"]
    squares.end(claimed(squares), "succeeded")
    assert sums.get(parent).status == "queued"


def test_a_parent_with_nobody_to_wait_for_has_its_turn_again_at_once(sums: WorkRecords) -> None:
    parent = submitted(sums)

    assert sums.wait_for(claimed(sums), []) == "queued"

    assert sums.get(parent).status == "queued"


def test_a_thousand_children_leave_nothing_behind(server: Redis) -> None:
    store = Store(server, Settings())
    sums, squares = records_of(store, SUM), records_of(store, SQUARE)
    before = set(server.keys())
    parent = submitted(sums)
    claim = claimed(sums)
    assert sums.wait_for(claim, [NewRecord(f"square_{n}", SQUARE, ONE) for n in range(1000)]) == WAITING
    while child := squares.claim("w", LEASE_MS):
        squares.end(child, "succeeded")

    sums.end(claimed(sums), "succeeded")
    for identifier in sums.children(parent):
        squares.delete_record(identifier, unless=())
    sums.delete_record(parent, unless=())

    left = {key for key in set(server.keys()) - before if not key.endswith(b":sequence")}
    assert not {key for key in left if b"sum" in key or b"square" in key}


Taken = tuple[WorkRecords, Claim] | None


class Family(RuleBasedStateMachine):
    """Parents and children, and owners that are alive, slow or dead."""

    redis: Redis
    parents = Bundle("parents")
    claims = Bundle("claims")

    @initialize()
    def begin(self) -> None:
        self.redis.flushdb()
        self.store = Store(self.redis, Settings())
        self.sums, self.squares = records_of(self.store, SUM), records_of(self.store, SQUARE)
        self.made = 0

    @rule(target=parents)
    def create(self) -> str:
        return submitted(self.sums, 1)

    @rule(target=claims, kind=st.sampled_from([SUM, SQUARE]))
    def claim(self, kind: Kind) -> Taken:
        records = records_of(self.store, kind)
        claim = records.claim("worker", LEASE_MS)
        return None if claim is None else (records, claim)

    @rule(taken=claims, count=st.integers(0, 3))
    def wait(self, taken: Taken, count: int) -> None:
        if taken is None or taken[0] is self.squares:
            return
        new = [NewRecord(f"square_{self.made + n}", SQUARE, ONE) for n in range(count)]
        self.made += count
        try:
            taken[0].wait_for(taken[1], new)
        except LeaseLostError:
            assert not any(self.squares.exists(child.id) for child in new)

    @rule(taken=claims, step=st.sampled_from(["succeed", "fail", "release", "lose"]))
    def write(self, taken: Taken, step: str) -> None:
        if taken is None:
            return
        records, claim = taken
        steps: dict[str, Callable[[], object]] = {
            "succeed": lambda: records.end(claim, "succeeded"),
            "fail": lambda: records.end(claim, "failed", error={"code": "x", "message": "y"}),
            "release": lambda: records.release(claim),
            "lose": lambda: records.take_lost(
                claim.record.id, token=claim.token, reason="it died", log=[], most_attempts=2
            ),
        }
        before = records.get(claim.record.id)
        try:
            steps[step]()
        except LeaseLostError:
            assert records.get(claim.record.id) == before

    @rule(parent=parents)
    def cancel_parent(self, parent: str) -> None:
        assert self.sums.cancel(parent).cancel_requested_at or self.sums.get(parent).finished

    @rule(parent=parents, number=st.integers(0, 2))
    def cancel_child(self, parent: str, number: int) -> None:
        for child in self.sums.children(parent)[number : number + 1]:
            self.squares.cancel(child)

    @invariant()
    def who_waits_has_somebody_to_wait_for_and_each_end_is_counted_once(self) -> None:
        for name in self.redis.zrange(SUM.index, 0, -1):
            parent = self.sums.get(name.decode())
            children = [self.squares.get(child) for child in self.sums.children(parent.id)]
            left = sum(not child.finished for child in children)
            if parent.status == WAITING:
                assert int(self.redis.hget(SUM.record(parent.id), "pending")) == left > 0
            elif parent.status == "cancelled":
                assert not any(child.status == "queued" for child in children)
            else:
                assert left == 0

    @invariant()
    def the_indexes_tell_what_the_records_tell(self) -> None:
        for kind in (SUM, SQUARE):
            for name in self.redis.zrange(kind.index, 0, -1):
                status = records_of(self.store, kind).get(name.decode()).status
                places = {s: self.redis.zscore(kind.with_status(s), name) for s in (*STATUSES, WAITING)}
                assert {s for s, place in places.items() if place is not None} == {status}
                assert (self.redis.zscore(kind.leases, name) is not None) == (status == "running")


def drive(redis_of_this_run: Redis, examples: int) -> None:
    class Run(Family):
        redis = redis_of_this_run

    run_state_machine_as_test(
        Run, settings=hypothesis_settings(max_examples=examples, stateful_step_count=30, deadline=None)
    )


def test_a_family_lives_in_any_order_on_a_real_server(server: Redis) -> None:
    drive(server, examples=30)


def test_fakeredis_has_the_same_families() -> None:
    with fakeredis.FakeRedis() as redis:
        drive(redis, examples=10)
