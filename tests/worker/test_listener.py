"""Many wait, one reads."""

import threading
from collections.abc import Iterator, Mapping
from queue import Empty, SimpleQueue

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from worker.settings import Settings
from worker.store import Store
from worker.store.connection import connect
from worker.store.listener import MAX_UNREAD, START, BehindError, Listener, Position


class Source:
    """Items that a test puts in, by key."""

    def __init__(self) -> None:
        self.items: SimpleQueue[tuple[str, Position, str] | Exception] = SimpleQueue()
        self.asked: list[dict[str, Position]] = []

    def read(self, positions: Mapping[str, Position]) -> Iterator[tuple[str, Position, str]]:
        self.asked.append(dict(positions))
        try:
            item = self.items.get(timeout=0.01)
        except Empty:
            return
        if isinstance(item, Exception):
            raise item
        if item[0] in positions:
            yield item


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def listener(source: Source) -> Listener[str]:
    return Listener("items", source.read)


def test_each_gets_what_comes_at_its_key_and_what_was_heard_is_not_read_again(source: Source, listener) -> None:
    with listener.listen("a") as first, listener.listen("a") as second, listener.listen("b", (4, 0)) as other:
        source.items.put(("a", (1, 0), "one"))
        source.items.put(("b", (5, 0), "two"))

        assert (first.get(timeout=5), second.get(timeout=5), other.get(timeout=5)) == ("one", "one", "two")
        while source.asked[-1] != {"a": (1, 0), "b": (5, 0)}:
            pass
        with listener.listen("a", START):  # who comes later, and has yet to hear the first
            while source.asked[-1]["a"] != START:
                pass


def test_who_does_not_read_is_told_to_begin_again(source: Source, listener) -> None:
    with listener.listen("a") as slow:
        for number in range(MAX_UNREAD + 1):
            source.items.put(("a", (number + 1, 0), "item"))
        while slow.qsize() <= MAX_UNREAD:
            pass
        items = [slow.get(timeout=5) for _ in range(MAX_UNREAD + 1)]

    assert items[:-1] == ["item"] * MAX_UNREAD
    assert isinstance(items[-1], BehindError)


@pytest.mark.parametrize("error", [RedisConnectionError("away"), KeyError("a mistake of ours")])
def test_what_goes_wrong_is_told_to_all_and_the_next_are_served(source: Source, listener, error: Exception) -> None:
    with listener.listen("a") as first, listener.listen("b") as second:
        source.items.put(error)
        told = first.get(timeout=5), second.get(timeout=5)
    with listener.listen("a") as third:
        source.items.put(("a", (1, 0), "one"))
        after = third.get(timeout=5)

    assert told == (error, error)
    assert after == "one"


def test_all_who_follow_jobs_share_one_connection(server: Redis, redis_url: str) -> None:
    store = Store(connect(redis_url, max_connections=4), Settings())
    jobs = [store.jobs.create({}, most_queued=99)[0].id for _ in range(20)]
    told: list[list[str]] = [[] for _ in range(60)]
    begun = threading.Barrier(61)

    def follow(place: int) -> None:
        for number, event in enumerate(store.events.follow(jobs[place % 20], after=None, seconds=10)):
            if number == 0:
                begun.wait()
            if event is not None:
                told[place].append(event.event)

    threads = [threading.Thread(target=follow, args=(place,)) for place in range(60)]
    for thread in threads:
        thread.start()
    begun.wait()
    listed = [len(store.jobs.page(limit=5).data) for _ in range(50)]
    connections = len(store.redis.connection_pool._connections)  # type: ignore[attr-defined]
    for job_id in jobs:
        store.jobs.cancel(job_id)
    for thread in threads:
        thread.join()

    assert told == [["queued", "cancelled"]] * 60
    assert listed == [5] * 50
    assert connections <= 4
    store.redis.close()
