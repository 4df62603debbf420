import threading
from collections.abc import Callable, Iterator

import fakeredis
import pytest
from redis.exceptions import RedisError

from api.asker import Asker
from tests.api.conftest import SentWakeUps
from worker.errors import NeurondError, NotFoundError, QueueFullError
from worker.settings import Settings
from worker.store import Store, keys
from worker.store.exchange import Exchange, Reply, Request
from worker.store.records import new_id

ANSWER = Reply("prediction", b"{}", {})


@pytest.fixture
def asker(store: Store, queue: SentWakeUps) -> Iterator[Asker]:
    store.redis.hset(keys.model("model_1"), mapping={"id": "model_1"})
    asker = Asker(store, queue, Settings(max_pending_in_all=4, max_pending_bytes=100, api_workers=2))
    asker.start()
    yield asker
    asker.stop()


@pytest.fixture
def ask(asker: Asker) -> Iterator[Callable[..., tuple[threading.Thread, list]]]:
    """Ask in a thread, as a view does; what comes of it is put into a list."""
    threads: list[threading.Thread] = []

    def begin(name: str = "model_1", body: bytes = b"x", seconds: float = 10.0) -> tuple[threading.Thread, list]:
        got: list = []

        def view() -> None:
            try:
                asked = Request(new_id("pred"), asker.process, "json", "2026-11-24T12:00:00Z", {}, body)
                got.append(asker.ask(name, asked, seconds=seconds))
            except (NeurondError, RedisError) as error:
                got.append(error)

        threads.append(threading.Thread(target=view))
        threads[-1].start()
        return threads[-1], got

    yield begin
    for thread in threads:
        thread.join()


def take(store: Store, drainer: str = "one") -> list[Request]:
    """What waits, once something does."""
    while (taken := store.exchange.take(drainer, most=10, most_bytes=10**6)) is None:
        pass
    return taken.requests


def test_each_view_gets_the_answer_to_its_own_question(store: Store, ask) -> None:
    views = [ask(body=name.encode()) for name in "ab"]
    asked: list[Request] = []
    while len(asked) < 2:
        asked += take(store)

    store.exchange.answer("one", [(one, Reply("prediction", one.body, {})) for one in reversed(asked)])

    for (thread, got), body in zip(views, (b"a", b"b"), strict=True):
        thread.join()
        assert got == [Reply("prediction", body, {})]


def test_what_a_dead_drainer_had_in_its_hand_is_asked_again_and_answered_once(store: Store, ask) -> None:
    thread, got = ask()
    [first] = take(store, "dies")
    store.redis.zadd(keys.DRAINERS, {"dies": 1})

    [again] = take(store, "lives")
    store.exchange.answer("lives", [(again, ANSWER)])
    thread.join()
    store.exchange.answer("dies", [(first, Reply("failure", b"{}", {}))])

    assert again == first
    assert got == [ANSWER]


def test_what_waits_in_an_exchange_that_forgot_everything_is_asked_again(store: Store, ask) -> None:
    thread, got = ask()
    take(store)
    for key in (keys.DRAINERS, keys.DEATHS, keys.TURNS):
        store.redis.delete(key)

    store.exchange.answer("two", [(one, ANSWER) for one in take(store, "two")])

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


def test_no_more_wait_than_may_in_number_and_in_bytes(store: Store, asker: Asker, ask) -> None:
    views = [ask(seconds=1.0), ask(body=b"x" * 80, seconds=1.0)]
    while asker.waiting < 2:
        pass

    thread, full = ask()
    thread.join()

    assert isinstance(full[0], QueueFullError)
    for thread, got in views:
        thread.join()
        assert got == [None]
    assert asker.waiting == 0


def test_a_body_beyond_all_bounds_is_let_in_alone(store: Store, asker: Asker, ask) -> None:
    large, _ = ask(body=b"x" * 500, seconds=0.3)
    while asker.waiting < 1:
        pass
    thread, got = ask()

    thread.join()
    large.join()

    assert isinstance(got[0], QueueFullError)


def test_without_redis_each_question_fails(queue: SentWakeUps) -> None:
    server = fakeredis.FakeServer()
    server.connected = False
    asker = Asker(Store(fakeredis.FakeRedis(server=server), Settings()), queue, Settings())
    asker.start()
    asked = Request("pred_1", asker.process, "json", "", {}, b"x")

    with pytest.raises(RedisError):
        asker.ask("model_1", asked, seconds=5)
    asker.stop()


def test_an_alias_is_looked_up_each_time_and_an_id_once_a_second(store: Store, asker: Asker, ask) -> None:
    store.redis.hset(keys.model("model_2"), mapping={"id": "model_2"})
    models = []
    for model in ("model_1", "model_2"):
        store.aliases.point("digits", model)
        thread, _ = ask("digits")
        while (taken := store.exchange.take("one", most=9, most_bytes=999)) is None:
            pass
        models.append(taken.model_id)
        store.exchange.answer("one", [(one, ANSWER) for one in taken.requests])
        thread.join()

    assert models == ["model_1", "model_2"]


def test_what_was_asked_of_a_master_that_is_none_any_more_is_asked_of_the_next(
    store: Store, ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread, got = ask()
    [lost] = take(store)
    monkeypatch.setattr(Exchange, "master", ("another", 6379))

    [again] = take(store)
    store.exchange.answer("one", [(again, ANSWER)])
    thread.join()

    assert again.id == lost.id
    assert got == [ANSWER]
