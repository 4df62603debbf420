"""Messages get lost: what waits is done in its turn all the same, and no more are sent than workers have use for."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis

from worker.runtime.wakeups import WakeUps
from worker.settings import Settings
from worker.store import Store, keys
from worker.store.uploads import UploadedFile
from worker.work.kind import FILES, QUEUES, TRAINING

WORKERS = ("a@host", "b@host", "c@host")


class Broker:
    """Stands where the queue stands: counts of messages, of which `drop` may lose some, and how many send at a time."""

    def __init__(self, drop: Callable[[int], bool] = lambda number: False) -> None:
        self.messages = dict.fromkeys(QUEUES, 0)
        self.sent = 0
        self.most_senders = 0
        self._drop = drop
        self._lock = threading.Lock()
        self._senders = 0
        self.meet: Callable[[], object] = lambda: None

    def waiting(self, queue: str) -> int:
        return self.messages[queue]

    def take(self, queue: str) -> bool:
        """Fetch a message."""
        there = self.messages[queue] > 0
        self.messages[queue] -= there
        return there

    def send_work(self, queue: str) -> None:
        with self._lock:
            self._senders += 1
            self.most_senders = max(self.most_senders, self._senders)
        self.meet()
        with self._lock:
            self._senders -= 1
            self.sent += 1
            self.messages[queue] += not self._drop(self.sent)


def wake_ups(store: Store, broker: Broker) -> WakeUps:
    return WakeUps(store, broker, pause=lambda _: None)


def signed(store: Store, queue: str, workers: tuple[str, ...] = WORKERS) -> None:
    for name in workers:
        store.workers.sign(queue, name)


def submit(store: Store, count: int) -> list[str]:
    return [store.jobs.create({}, most_queued=10_000)[0].id for _ in range(count)]


def work_off(store: Store, broker: Broker) -> list[str]:
    """What workers begin, until nothing waits: each fetches a message and claims; when none comes, a reaper looks."""
    begun: list[str] = []
    sender = wake_ups(store, broker)
    while store.jobs.waiting():
        if not broker.take(TRAINING):
            signed(store, TRAINING)
            assert sender.top_up() > 0
            assert broker.messages[TRAINING] <= len(WORKERS)
        elif claim := store.jobs.claim("w", 60_000):
            begun.append(claim.record.id)
    return begun


DROPS = {"the new ones come": lambda _: False, "each third new one is lost too": lambda number: number % 3 == 0}


@pytest.mark.parametrize("drop", DROPS.values(), ids=DROPS)
def test_a_thousand_jobs_whose_messages_are_gone_begin_in_order(server: Redis, drop: Callable) -> None:
    store = Store(server, Settings())
    made = submit(store, 1000)

    assert work_off(store, Broker(drop)) == made


def test_each_third_message_lost_at_the_submit_delays_nobody_out_of_turn(store: Store) -> None:
    broker = Broker(lambda number: number % 3 == 0)
    made = submit(store, 30)
    for _ in made:
        broker.send_work(TRAINING)

    assert work_off(store, broker) == made


def test_no_more_are_sent_than_wait_or_than_there_are_workers(store: Store) -> None:
    broker = Broker()
    submit(store, 2)

    alone = wake_ups(store, broker).top_up()
    signed(store, TRAINING)
    for_two = wake_ups(store, broker).top_up()
    submit(store, 5)
    for_seven = wake_ups(store, broker).top_up()

    assert (alone, for_two, for_seven) == (0, 2, 1)
    assert broker.messages[TRAINING] == len(WORKERS)


def test_of_many_reapers_one_sends_at_a_time_and_the_others_do_not_wait(server: Redis) -> None:
    store = Store(server, Settings())
    submit(store, 9)
    signed(store, TRAINING)
    broker = Broker()
    others = threading.Event()
    broker.meet = lambda: others.wait(10)
    reapers = [wake_ups(store, broker) for _ in range(5)]

    with ThreadPoolExecutor(5) as pool:
        running = [pool.submit(reaper.top_up) for reaper in reapers]
        while sum(future.done() for future in running) < 4:
            assert not all(future.done() for future in running)
        others.set()

    assert sorted(future.result() for future in running) == [0, 0, 0, 0, 3]
    assert broker.most_senders == 1


def test_a_sender_that_died_holds_nobody_up_for_long(store: Store) -> None:
    submit(store, 1)
    signed(store, TRAINING)
    broker = Broker()
    store.redis.set(keys.wake_up_lock(TRAINING), "dead", px=60_000)

    locked = wake_ups(store, broker).top_up()
    store.redis.pexpire(keys.wake_up_lock(TRAINING), 0)

    assert (locked, wake_ups(store, broker).top_up()) == (0, 1)
    assert not store.redis.exists(keys.wake_up_lock(TRAINING))


def test_a_message_that_was_just_fetched_is_not_missing(store: Store) -> None:
    submit(store, 1)
    signed(store, TRAINING)
    broker = Broker()

    sent = WakeUps(store, broker, pause=lambda _: store.jobs.claim("w", 60_000)).top_up()

    assert sent == 0


def test_each_kind_that_waits_on_a_queue_has_a_message(store: Store) -> None:
    signed(store, FILES)
    file = UploadedFile("file", None, 3, "0" * 64)
    store.datasets.create("ds_1", {}, [file])
    store.predictions.create("pred_1", "model_1", "json", {})

    assert wake_ups(store, Broker()).top_up() == 2
