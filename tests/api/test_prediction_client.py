import threading
from collections.abc import Callable, Iterator

import fakeredis
import pytest
from redis.exceptions import RedisError

from api.prediction_client import PredictionClient
from tests.support.builders.requests import SentWakeUps
from tests.support.clock import wait_until
from worker.errors import NeurondError, NotFoundError, QueueFullError
from worker.settings import Settings
from worker.store import Store, keys
from worker.store.prediction_queue import PredictionQueue, Reply, Request, Taken
from worker.store.records import new_id

ANSWER = Reply("prediction", b"{}", {})


@pytest.fixture
def client(store: Store, queue: SentWakeUps) -> Iterator[PredictionClient]:
    store.redis.hset(keys.model("model_1"), mapping={"id": "model_1"})
    client = PredictionClient(store, queue, Settings(max_pending_in_all=4, max_pending_bytes=100, api_workers=2))
    client.start()
    yield client
    client.stop()


@pytest.fixture
def ask(client: PredictionClient) -> Iterator[Callable[..., tuple[threading.Thread, list]]]:
    """Ask in a thread, as a view does; what comes of it is put into a list."""
    threads: list[threading.Thread] = []

    def begin(name: str = "model_1", body: bytes = b"x", seconds: float = 10.0) -> tuple[threading.Thread, list]:
        got: list = []

        def view() -> None:
            try:
                asked = Request(new_id("pred"), client.process, "json", "2026-11-24T12:00:00Z", {}, body)
                got.append(client.ask(name, asked, seconds=seconds))
            except (NeurondError, RedisError) as error:
                got.append(error)

        threads.append(threading.Thread(target=view))
        threads[-1].start()
        return threads[-1], got

    yield begin
    for thread in threads:
        thread.join()


def take(store: Store, batcher: str = "one") -> list[Request]:
    """What waits, once something does."""
    return taken_by(store, batcher).requests


def taken_by(store: Store, batcher: str) -> Taken:
    """The requests of one model that a batcher takes, once some wait."""
    taken = None

    def look() -> bool:
        nonlocal taken
        taken = store.prediction_queue.take(batcher, most=10, most_bytes=10**6)
        return taken is not None

    wait_until(look)
    assert taken is not None
    return taken


def test_each_view_gets_the_answer_to_its_own_question(store: Store, ask) -> None:
    views = [ask(body=name.encode()) for name in "ab"]
    asked: list[Request] = []
    while len(asked) < 2:
        asked += take(store)

    store.prediction_queue.answer("one", [(one, Reply("prediction", one.body, {})) for one in reversed(asked)])

    for (thread, got), body in zip(views, (b"a", b"b"), strict=True):
        thread.join()
        assert got == [Reply("prediction", body, {})]


def test_what_a_dead_batcher_had_in_its_hand_is_asked_again_and_answered_once(store: Store, ask) -> None:
    thread, got = ask()
    [first] = take(store, "dies")
    store.redis.zadd(keys.BATCHERS, {"dies": 1})

    [again] = take(store, "lives")
    store.prediction_queue.answer("lives", [(again, ANSWER)])
    thread.join()
    store.prediction_queue.answer("dies", [(first, Reply("failure", b"{}", {}))])

    assert again == first
    assert got == [ANSWER]


def test_what_waits_in_an_exchange_that_forgot_everything_is_asked_again(store: Store, ask) -> None:
    thread, got = ask()
    take(store)
    for key in (keys.BATCHERS, keys.DEATHS, keys.ROUND_ROBIN):
        store.redis.delete(key)

    store.prediction_queue.answer("two", [(one, ANSWER) for one in take(store, "two")])

    thread.join()
    assert got == [ANSWER]


def test_without_an_answer_there_is_none(ask) -> None:
    thread, got = ask(seconds=0.05)

    thread.join()
    assert got == [None]


def test_an_unknown_model_is_said_at_once(ask) -> None:
    for name in ("model_2", "nobody"):
        thread, got = ask(name)
        thread.join()
        assert isinstance(got[0], NotFoundError)


def test_no_more_wait_than_may_in_number_and_in_bytes(store: Store, client: PredictionClient, ask) -> None:
    views = [ask(seconds=1.0), ask(body=b"x" * 80, seconds=1.0)]
    wait_until(lambda: client.waiting == 2)

    thread, full = ask()
    thread.join()

    assert isinstance(full[0], QueueFullError)
    for thread, got in views:
        thread.join()
        assert got == [None]
    assert client.waiting == 0


def test_a_body_beyond_all_bounds_is_let_in_alone(store: Store, client: PredictionClient, ask) -> None:
    large, _ = ask(body=b"x" * 500, seconds=0.3)
    wait_until(lambda: client.waiting == 1)
    thread, got = ask()

    thread.join()
    large.join()

    assert isinstance(got[0], QueueFullError)


def test_without_redis_each_question_fails(queue: SentWakeUps) -> None:
    server = fakeredis.FakeServer()
    server.connected = False
    client = PredictionClient(Store(fakeredis.FakeRedis(server=server), Settings()), queue, Settings())
    client.start()
    asked = Request("pred_1", client.process, "json", "", {}, b"x")

    with pytest.raises(RedisError):
        client.ask("model_1", asked, seconds=5)
    client.stop()


def test_an_alias_is_looked_up_each_time_and_an_id_once_a_second(store: Store, client: PredictionClient, ask) -> None:
    store.redis.hset(keys.model("model_2"), mapping={"id": "model_2"})
    models = []
    for model in ("model_1", "model_2"):
        store.aliases.point("digits", model)
        thread, _ = ask("digits")
        taken = taken_by(store, "one")
        models.append(taken.model_id)
        store.prediction_queue.answer("one", [(one, ANSWER) for one in taken.requests])
        thread.join()

    assert models == ["model_1", "model_2"]


def test_what_was_asked_of_a_master_that_is_none_any_more_is_asked_of_the_next(
    store: Store, ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread, got = ask()
    [lost] = take(store)
    monkeypatch.setattr(PredictionQueue, "master", ("another", 6379))

    [again] = take(store)
    store.prediction_queue.answer("one", [(again, ANSWER)])
    thread.join()

    assert again.id == lost.id
    assert got == [ANSWER]
