"""What is promised is on a replica first, and a Redis that takes no writes for a moment is waited for."""

import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError

from tests.support.builders.models import write
from tests.support.builders.tools import tools
from tests.support.clock import wait_until
from tests.support.replicated import Pair, pair
from worker.errors import GaveUpError, NotFoundError
from worker.failover.redis_errors import AWAY, NotReplicatedError
from worker.messaging.queue import make_celery
from worker.runtime.lease import Lease
from worker.runtime.limits import Limits
from worker.runtime.runner import Attempt, Attempts
from worker.settings import Settings
from worker.store import Store
from worker.store.connection import connect
from worker.store.jobs import Job
from worker.store.models import new_model_id

__all__ = ["pair"]

Answer = TypeVar("Answer")

KEY = {"idempotency_key": "one", "fingerprint": "f", "idempotency_seconds": 60}


def once_replicated(step: Callable[[], Answer]) -> Answer:
    """What a step gives as soon as the replica, which goes on again, has it."""
    answers: list[Answer] = []

    def taken() -> bool:
        with contextlib.suppress(NotReplicatedError):
            answers.append(step())
        return bool(answers)

    wait_until(taken)
    return answers[0]


@pytest.fixture
def store(pair: Pair) -> Store:
    return Store(connect(pair.url), Settings(redis_url=pair.url, redis_replicas=1))


def test_a_job_that_no_replica_has_is_refused_and_the_same_key_finds_it_later(pair: Pair, store: Store) -> None:
    pair.stop()

    for _ in range(2):
        with pytest.raises(NotReplicatedError, match="0 replicas acknowledged"):
            store.jobs.create({}, most_queued=9, **KEY)
        with pytest.raises(NotReplicatedError):
            store.jobs.made_by("one", "f")

    pair.go_on()
    found, new = once_replicated(lambda: store.jobs.create({}, most_queued=9, **KEY))
    with Redis(port=pair.replica) as replica:
        assert replica.hget(f"neurond:job:{found.id}", "status") == b"queued"
    assert not new
    assert store.jobs.made_by("one", "f") == found
    assert len(store.jobs.page(limit=9).data) == 1


def test_every_step_that_is_promised_waits_for_a_replica(pair: Pair, store: Store) -> None:
    _, queued = (once_replicated(lambda: store.jobs.create({}, most_queued=9))[0].id for _ in range(2))
    claim = store.jobs.claim("w", 60_000)
    assert claim is not None
    model_id = new_model_id()
    write(store, model_id, {"about": "{}"})
    store.aliases.point("best", model_id)
    pair.stop()

    for step in (
        lambda: store.jobs.finish(claim, "succeeded"),
        lambda: store.jobs.cancel(queued),
        lambda: store.datasets.create("ds_1", {}, []),
        lambda: store.predictions.create("pred_1", model_id, "json", {}),
        lambda: store.aliases.point("best", model_id),
        lambda: store.aliases.delete("best"),
    ):
        with pytest.raises(NotReplicatedError):
            step()

    pair.go_on()
    assert once_replicated(lambda: store.jobs.finish(claim, "succeeded")) == "succeeded"
    assert store.jobs.cancel(queued).status == "cancelled"
    with pytest.raises(NotFoundError):
        store.aliases.delete("best")


def test_an_end_that_is_written_and_not_replicated_is_waited_for(pair: Pair, store: Store) -> None:
    once_replicated(lambda: store.jobs.create({}, most_queued=9))
    claim = store.jobs.claim("w", 60_000)
    assert claim is not None
    stopping = threading.Event()
    attempt = Attempt(claim, Lease(store.jobs, claim, 60.0), Limits(memory_bytes=0, seconds=0), stopping.is_set)
    pair.stop()
    ended: list[str] = []

    def end() -> None:
        ended.append(attempt.end(lambda: store.jobs.finish(claim, "succeeded")))

    ending = threading.Thread(target=end)
    ending.start()
    wait_until(lambda: store.jobs.get(claim.record.id).finished)
    pair.go_on()
    ending.join()
    pair.stop()
    stopping.set()
    with pytest.raises(GaveUpError):
        attempt.end(lambda: store.jobs.finish(claim, "succeeded"))

    assert ended == ["succeeded"]


def test_refused_writes_are_a_lost_connection_to_all_who_wait_for_one(pair: Pair) -> None:
    url = f"redis://127.0.0.1:{pair.replica}/0"
    celery = make_celery(Settings(redis_url=pair.url))
    with connect(url) as replica, connect(pair.url) as master, celery.connection_for_read() as broker:
        with pytest.raises(ReadOnlyError) as read_only:
            replica.set("a", 1)
        master.config_set("min-replicas-to-write", 2)
        with pytest.raises(RedisConnectionError) as too_few:
            master.blpop(["list"], timeout=1)
        master.config_set("min-replicas-to-write", 0)
        broken: list[Exception] = []

        def wait() -> None:
            try:
                master.blpop(["list"], timeout=0.8)
            except RedisConnectionError as error:
                broken.append(error)

        waiting = threading.Thread(target=wait)
        waiting.start()
        with Redis(port=pair.master) as other:
            while not other.info("clients")["blocked_clients"]:
                pass
            other.execute_command("REPLICAOF", "127.0.0.1", pair.replica)
        waiting.join()

        for error in (read_only.value, too_few.value, *broken):
            assert isinstance(error, AWAY)
            assert isinstance(error, broker.connection_errors)
        assert len(broken) == 1


def test_a_job_that_finds_redis_away_while_it_reads_is_put_back_and_has_not_failed(pair: Pair) -> None:
    store = Store(connect(pair.url), Settings(redis_url=pair.url))
    job, _ = store.jobs.create({}, most_queued=9)
    attempts = Attempts(store.jobs, tools(store, Settings()), limits=lambda: Limits(memory_bytes=1 << 62, seconds=60))

    def read(_: Attempt[Job]) -> None:
        raise RedisConnectionError("Connection refused")

    attempts.run(read)

    after = store.jobs.get(job.id)
    assert (after.status, after.attempt, after.error) == ("queued", 0, None)
    assert store.events.read(job.id)[-1].data == {"reason": "Redis was away"}
