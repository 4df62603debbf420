from dataclasses import dataclass, field

import pytest
from redis import Redis

from worker.queue import PREDICTION, TRAINING
from worker.reaper import Reaper
from worker.settings import Settings
from worker.store import Store, keys


@dataclass
class Messages:
    """Stands where the queue stands."""

    sent: list[str] = field(default_factory=list)
    lost: bool = False

    def send_train(self, job_id: str) -> None:
        self.sent.append(job_id)

    def waiting(self, queue: str) -> int:
        assert queue == TRAINING
        return 0 if self.lost else len(self.sent)


@pytest.fixture
def messages() -> Messages:
    return Messages()


@pytest.fixture
def reaper(store: Store, messages: Messages) -> Reaper:
    return Reaper(store, messages, Settings(), queues=[TRAINING, PREDICTION], name="w@host")


def queued(store: Store) -> str:
    return store.jobs.create({}, most_queued=10)[0].id


def test_a_job_whose_wake_up_was_never_sent_is_sent(reaper: Reaper, store: Store, messages: Messages) -> None:
    job = queued(store)
    store.redis.zadd(keys.JOB.unsent, {job: 1})

    reaper.reap()

    assert messages.sent == [job]
    assert store.jobs.unsent(older_than_seconds=-1) == []


def test_a_job_whose_wake_up_is_on_its_way_is_not_sent_again(reaper: Reaper, store: Store, messages: Messages) -> None:
    messages.send_train(queued(store))

    reaper.reap()

    assert len(messages.sent) == 1


def test_a_job_whose_message_was_lost_is_sent_again(reaper: Reaper, store: Store, messages: Messages) -> None:
    job = queued(store)
    store.jobs.mark_sent([job])
    messages.lost = True

    reaper.reap()

    assert messages.sent == [job]


def test_a_job_whose_worker_went_silent_is_sent_again(reaper: Reaper, store: Store, messages: Messages) -> None:
    job = queued(store)
    store.jobs.claim(job, "worker", 60_000)
    store.redis.zadd(keys.JOB.leases, {job: 1})

    reaper.reap()

    assert messages.sent == [job]
    assert store.jobs.get(job).status == "queued"


def test_nothing_is_sent_for_jobs_that_run_or_have_ended(reaper: Reaper, store: Store, messages: Messages) -> None:
    store.jobs.claim(queued(store), "worker", 60_000)
    store.jobs.cancel(queued(store))

    reaper.reap()

    assert messages.sent == []


def test_a_reaper_signs_its_queues_and_signs_off(reaper: Reaper, store: Store) -> None:
    reaper.start()
    while not store.workers.names(PREDICTION):
        assert reaper.is_alive()

    assert store.workers.names(TRAINING) == ["w@host"]

    reaper.stop()
    reaper.join(5)
    assert not reaper.is_alive()
    assert store.workers.names(TRAINING) == []


def test_a_worker_long_silent_counts_no_more(store: Store, redis: Redis) -> None:
    redis.zadd(keys.workers(TRAINING), {"gone@host": 1})

    assert store.workers.names(TRAINING) == []
    store.workers.sign(TRAINING, "here@host")
    assert redis.zrange(keys.workers(TRAINING), 0, -1) == [b"here@host"]
