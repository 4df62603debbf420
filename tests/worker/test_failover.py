"""Connections find the master, wherever it is by now: those of a pool, and those that are kept."""

from collections.abc import Iterator

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from benchmarks.faults.sentinels import Cluster, client
from tests.support.clock import wait_until
from worker.settings import Settings
from worker.store import Store
from worker.store.connection import connect


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


def writes(redis: Redis) -> bool:
    try:
        return bool(redis.set("a", 1))
    except RedisError:
        return False


def test_a_connection_that_is_kept_follows_the_master(cluster: Cluster) -> None:
    with connect(cluster.url) as pooled:
        kept = pooled.client()
        before = cluster.known_master()
        assert writes(kept)

        cluster.kill_master()
        wait_until(lambda: writes(kept))
        after = cluster.known_master()
        cluster.mend()

        with client(after) as master:
            assert master.get("a") == b"1"
        assert after != before
        assert writes(pooled)
        kept.close()


def test_an_answer_that_comes_too_late_is_not_taken_for_the_next(cluster: Cluster) -> None:
    with connect(cluster.url, retry=False) as pooled:
        kept = pooled.client()
        with pytest.raises(RedisTimeoutError):
            kept.blpop(["nothing"], timeout=1.2)

        assert [kept.echo(word) for word in ("one", "two")] == [b"one", b"two"]
        kept.close()


def test_the_exchange_may_be_behind_sentinels_and_says_whether_it_takes_writes(cluster: Cluster) -> None:
    settings = Settings(redis_url="redis://127.0.0.1:1/0", exchange_url=cluster.url)
    exchange = Store.open(settings).prediction_queue.alone()

    exchange.check()
    with client(cluster.known_master()) as master:
        master.config_set("min-replicas-to-write", 9)
        with pytest.raises(RedisConnectionError):
            exchange.check()
        master.config_set("min-replicas-to-write", 0)
    exchange.check()
    exchange._redis.close()


def test_who_finds_all_connections_in_use_waits_for_one(redis_url: str, server: Redis) -> None:
    with connect(redis_url, max_connections=1) as redis:
        kept = redis.client()
        taken = kept.connection
        kept.connection = None
        redis.connection_pool.timeout = 0.1
        with pytest.raises(RedisConnectionError, match="No connection available"):
            redis.ping()
        redis.connection_pool.release(taken)

        assert redis.ping()
