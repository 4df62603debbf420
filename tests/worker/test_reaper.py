import os
import time
from collections import Counter
from dataclasses import dataclass, field

import pytest
from redis import Redis

from worker.observability.logs import Tail
from worker.runtime.consumer_watchdog import ConsumerWatchdog
from worker.runtime.crash_recovery import CrashRecovery
from worker.runtime.pass_watchdog import Passes, Watchdog
from worker.runtime.reaper import Reaper, Watch
from worker.runtime.takeover import Takeover
from worker.settings import Settings
from worker.store import Store, keys
from worker.store.uploads import UploadedFile
from worker.work.kind import FILES, PREDICTION, TRAINING


@dataclass
class Messages:
    """Stands where the queue stands."""

    sent: Counter[str] = field(default_factory=Counter)

    def send_work(self, queue: str) -> None:
        self.sent[queue] += 1

    def waiting(self, queue: str) -> int:
        return self.sent[queue]


@pytest.fixture
def messages() -> Messages:
    return Messages()


@pytest.fixture
def passes() -> Passes:
    return Passes()


@pytest.fixture
def reaper(store: Store, messages: Messages, passes: Passes) -> Reaper:
    store.workers.sign(TRAINING, "t@host")
    store.workers.sign(FILES, "f@host")
    return Reaper(
        store,
        messages,
        Settings(),
        queues=[TRAINING, PREDICTION],
        name="w@host",
        consumer_watchdog=ConsumerWatchdog(busy=lambda: False, restart=lambda: None),
        crash_recovery=CrashRecovery(store, Tail(), most_attempts=3),
        takeover=Takeover("w@host", lease_seconds=8.0, most_attempts=3),
        watchdog=Watchdog(passes, store.metrics, seconds=30, children=lambda: [os.getpid()]),
    )


def queued(store: Store) -> str:
    return store.jobs.create({}, most_queued=10)[0].id


def test_a_job_without_a_message_is_sent_one(reaper: Reaper, store: Store, messages: Messages) -> None:
    queued(store)

    reaper.reap(0.0)

    assert messages == Messages(Counter(training=1))


def test_a_job_whose_worker_went_silent_is_sent_for_again(reaper: Reaper, store: Store, messages: Messages) -> None:
    job = queued(store)
    store.jobs.claim("worker", 60_000)
    store.redis.zadd(keys.JOB.leases, {job: 1})

    reaper.reap(0.0)
    assert store.jobs.get(job).status == "running"
    reaper.reap(1.0)

    assert messages == Messages(Counter(training=1))
    assert store.jobs.get(job).status == "queued"


def test_nothing_is_sent_for_jobs_that_run_or_have_ended(reaper: Reaper, store: Store, messages: Messages) -> None:
    queued(store)
    store.jobs.claim("worker", 60_000)
    store.jobs.cancel(queued(store))

    reaper.reap(0.0)

    assert messages == Messages()


def test_a_reaper_signs_its_queues_and_signs_off(reaper: Reaper, store: Store) -> None:
    reaper.start()
    while not store.workers.names(PREDICTION):
        assert reaper.is_alive()

    assert store.workers.names(TRAINING) == ["t@host", "w@host"]

    reaper.stop()
    reaper.join(5)
    assert not reaper.is_alive()
    assert store.workers.names(TRAINING) == ["t@host"]


def test_short_jobs_whose_messages_are_gone_do_not_wait_a_second_each(
    reaper: Reaper, store: Store, messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.runtime.reaper.REAP_SECONDS", 3600.0)
    for _ in range(3):
        queued(store)

    reaper.start()
    while store.jobs.waiting():
        assert reaper.is_alive()
        if messages.sent[TRAINING]:
            messages.sent[TRAINING] -= 1
            store.jobs.claim("worker", 60_000)

    reaper.stop()
    reaper.join(5)
    assert not reaper.is_alive()


def test_a_worker_long_silent_counts_no_more(store: Store, redis: Redis) -> None:
    redis.zadd(keys.workers(TRAINING), {"gone@host": 1})

    assert store.workers.names(TRAINING) == []
    store.workers.sign(TRAINING, "here@host")
    assert redis.zrange(keys.workers(TRAINING), 0, -1) == [b"here@host"]


def test_a_worker_that_is_stuck_in_a_prediction_is_signed_off_until_it_goes_on(
    reaper: Reaper, store: Store, passes: Passes, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.monotonic()
    passes.begin()
    seen = []
    for now in (began + 5, began + 15):
        monkeypatch.setattr("worker.runtime.pass_watchdog.time.monotonic", lambda now=now: now)
        reaper._round()
        seen.append(store.workers.names(PREDICTION))
    passes.end()
    reaper._round()

    assert [*seen, store.workers.names(PREDICTION)] == [["w@host"], [], ["w@host"]]


def test_uploads_are_woken_for_and_put_back_as_jobs_are(reaper: Reaper, store: Store, messages: Messages) -> None:
    file = UploadedFile("file", None, 3, "0" * 64)
    running, _ = (store.datasets.create(f"ds_{number}", {}, [file]).id for number in (1, 2))
    store.datasets.claim("gone", 60_000)
    store.redis.zadd(keys.DATASET.leases, {running: 1})

    for second in (0.0, 1.0):
        reaper.reap(second)

    assert messages == Messages(Counter(files=1)), "one for each worker is enough"
    assert store.datasets.get(running).status == "queued"


LEASE = 8.0


def test_a_lease_that_is_renewed_never_expires_whatever_the_clock_of_redis_says() -> None:
    watch = Watch(LEASE)

    for second in range(60):
        redis_now = second * 1000.0 + (3_600_000 if second > 20 else 0) - (7_200_000 if second > 40 else 0)
        assert watch.expired({"job": redis_now + 8000}, redis_now, second) == {}


def test_a_lease_that_ended_is_over_when_it_is_still_the_same_a_moment_later() -> None:
    watch = Watch(LEASE)

    assert watch.expired({"job": 1000.0}, 9000.0, 50.0) == {}
    assert watch.expired({"job": 1000.0}, 10_000.0, 51.0) == {"job": 1000.0}


def test_a_step_forward_of_the_clock_ends_no_lease_that_is_renewed() -> None:
    watch = Watch(LEASE)
    watch.expired({"job": 8000.0}, 0.0, 0.0)

    assert watch.expired({"job": 8000.0}, 3_600_000.0, 0.2) == {}
    assert watch.expired({"job": 3_608_500.0}, 3_600_500.0, 1.2) == {}


def test_a_dead_owners_lease_expires_although_the_clock_was_set_back() -> None:
    watch = Watch(LEASE)
    watch.expired({"job": 3_608_000.0}, 3_600_000.0, 0.0)

    assert watch.expired({"job": 3_608_000.0}, 0.0, 7.0) == {}
    assert watch.expired({"job": 3_608_000.0}, 1000.0, 8.0) == {"job": 3_608_000.0}
