import threading
from collections.abc import Callable, Iterator, Mapping

import pytest
from redis import Redis

from tests.support.clock import wait_until
from worker.store import keys
from worker.store.prediction_queue import LARGE, LIST_MS, LONG, LONG_BYTES, PredictionQueue, Reply, Request, Taken
from worker.store.records import new_id

LIFETIME = 60_000
"""Milliseconds; no test waits for their end, and none comes so late that they are over."""
ABOUT = {"traceparent": "00-0"}


def request(body: bytes = b"x", reply_to: str = "api_1", about: Mapping[str, str] = ABOUT) -> Request:
    return Request(new_id("pred"), reply_to, "json", "2026-11-24T12:00:00Z", about, body)


@pytest.fixture(params=["shared", "alone"])
def exchange(redis: Redis, request: pytest.FixtureRequest) -> PredictionQueue:
    exchange = PredictionQueue(redis, most_pending=3, most_in_all=5)
    return exchange if request.param == "shared" else exchange.alone()


@pytest.fixture
def ask(exchange: PredictionQueue) -> Callable[..., tuple[dict[str, int], bool]]:
    def ask(model_id: str, *requests: Request, lifetime: int = LIFETIME) -> tuple[dict[str, int], bool]:
        return exchange.ask({model_id: [(one, lifetime) for one in requests]})

    return ask


def take(exchange: PredictionQueue, batcher: str = "one", most: int = 10, most_bytes: int = 10**6) -> Taken | None:
    return exchange.take(batcher, most=most, most_bytes=most_bytes)


def test_long_requests_can_be_left_where_they_are(exchange: PredictionQueue, ask) -> None:
    long, short = request(b"x" * LONG_BYTES), request()
    ask("m" + LONG, long)
    ask("m", short)

    taken = [
        exchange.take("one", most=10, most_bytes=10**6, only_short=only_short) for only_short in (True, True, False)
    ]

    assert taken == [Taken("m", [short], 0), None, Taken("m" + LONG, [long], 0)]


def test_the_first_request_wakes_a_batcher_and_the_next_do_not(ask) -> None:
    assert [ask("m", request())[1] for _ in range(3)] == [True, False, False]


def test_nobody_is_woken_while_a_batcher_is_at_work(exchange: PredictionQueue, ask) -> None:
    take(exchange)

    assert ask("m", request()) == ({"m": 1}, False)


def test_requests_come_out_whole_and_in_order(exchange: PredictionQueue, ask) -> None:
    asked = [request(b"a\nb"), request(b""), request(b"\xff\n\n")]
    ask("m", *asked)

    assert take(exchange, most=2) == Taken("m", asked[:2], 0)
    assert take(exchange, most=2) == Taken("m", asked[2:], 0)
    assert take(exchange) is None


def bodies_beside(redis: Redis) -> list[bytes]:
    return list(redis.scan_iter(keys.body("*")))


def test_a_large_body_waits_beside_the_list_for_as_long_as_its_request_may(exchange, redis: Redis, ask) -> None:
    asked = [request(b"\n" * LARGE), request(b"small"), request(b"x" * (LARGE - 1))]
    ask("m", *asked)

    assert bodies_beside(redis) == [keys.body(asked[0].id).encode()]
    assert 0 < redis.pttl(keys.body(asked[0].id)) <= LIFETIME
    assert take(exchange) == Taken("m", asked, 0)
    assert bodies_beside(redis) == []


def test_a_large_body_counts_where_it_waits(exchange: PredictionQueue, ask) -> None:
    ask("m", request(b"x" * LARGE), request(b"x" * LARGE), request())

    assert len(take(exchange, most_bytes=LARGE + 1).requests) == 2


def test_a_large_request_that_may_not_wait_leaves_nothing(redis: Redis, ask) -> None:
    ask("m", *(request() for _ in range(3)))

    assert ask("m", request(b"x" * LARGE))[0] == {"m": 0}
    assert bodies_beside(redis) == []


def test_a_request_whose_large_body_is_gone_counts_as_expired(exchange: PredictionQueue, redis: Redis, ask) -> None:
    gone, other = request(b"x" * LARGE), request()
    ask("m", gone, other)
    redis.delete(keys.body(gone.id))

    assert take(exchange) == Taken("m", [other], 1)


def test_one_who_lingers_is_given_large_bodies_too(exchange: PredictionQueue, ask) -> None:
    asked = request(b"x" * LARGE)
    ask("m", asked)

    assert exchange.wait_for_more("m", 10) == Taken("m", [asked], 0)


def test_models_take_turns(exchange: PredictionQueue, ask) -> None:
    busy, other = [request() for _ in range(3)], request()
    ask("busy", *busy)
    ask("other", other)

    turns = [take(exchange, most=1) for _ in range(4)]

    assert [turn.model_id for turn in turns] == ["busy", "other", "busy", "busy"]


@pytest.mark.parametrize("body", [b"x" * LONG_BYTES, b"packed"])
def test_a_short_request_waits_for_one_turn_of_long_ones_at_most(exchange: PredictionQueue, ask, body: bytes) -> None:
    long, short = [request(body, about={"encoding": "gzip"} if body == b"packed" else {}) for _ in range(3)], request()
    for one in (*long, short):
        ask(one.lane("m"), one)

    turns = [take(exchange, most=1) for _ in range(4)]

    assert [turn.requests for turn in turns] == [[long[0]], [short], [long[1]], [long[2]]]
    assert {turn.model_id for turn in turns} == {"m"}


def test_both_lanes_of_a_model_are_counted_as_one_model(exchange: PredictionQueue, ask) -> None:
    ask("m", request())
    ask("m" + LONG, request(), request())
    ask("other", request())

    assert exchange.waiting() == (4, 2)


def test_a_turn_ends_with_the_request_that_reaches_its_bytes(exchange: PredictionQueue, ask) -> None:
    ask("m", request(b"x" * 1000), request(b"x" * 1000), request())

    assert len(take(exchange, most_bytes=1500).requests) == 2


def test_more_requests_than_may_wait_are_refused_for_a_model_and_for_all(ask) -> None:
    assert ask("m", *(request() for _ in range(4)))[0] == {"m": 3}
    assert ask("other", *(request() for _ in range(3)))[0] == {"other": 2}
    assert ask("third", request())[0] == {"third": 0}


def test_expired_requests_are_dropped_and_counted(exchange: PredictionQueue, ask) -> None:
    late = request()
    ask("m", request(), lifetime=-1)
    ask("m", late)

    assert take(exchange) == Taken("m", [late], 1)


def test_answers_reach_the_process_that_asked_and_unfetched_ones_expire(
    exchange: PredictionQueue, redis: Redis
) -> None:
    one, other, foreign = request(), request(), request(reply_to="api_2")
    replies = [Reply("prediction", b"{}", {}), Reply("failure", b"a\nb", {"X": "y"}), Reply("prediction", b"", {})]

    exchange.take("one", most=1, most_bytes=1, answers=zip([one, other, foreign], replies, strict=True))

    assert exchange.replies("api_1") == [(one.id, replies[0]), (other.id, replies[1])]
    assert 0 < redis.pttl(keys.replies("api_2")) <= LIST_MS


def test_without_answers_the_wait_for_them_ends(exchange: PredictionQueue) -> None:
    assert exchange.replies("api_1") == []


def test_a_batcher_that_falls_silent_is_counted_as_dead_once(exchange: PredictionQueue, redis: Redis, ask) -> None:
    ask("m", request())
    take(exchange, most=0)
    before, woken = exchange.watch()
    redis.zadd(keys.BATCHERS, {"one": 1})

    after = [exchange.watch() for _ in range(2)]

    assert not woken
    assert after == [(before + 1, True), (before + 1, False)]


def test_a_batcher_that_renews_or_leaves_is_not_dead(exchange: PredictionQueue, redis: Redis) -> None:
    take(exchange)
    before, _ = exchange.watch()
    redis.zadd(keys.BATCHERS, {"one": 1})
    exchange.renew("one")
    renewed, _ = exchange.watch()
    exchange.leave("one")

    assert (renewed, exchange.watch()[0]) == (before, before)


def test_a_batcher_that_leaves_requests_behind_wakes_another(exchange: PredictionQueue, ask) -> None:
    take(exchange)
    ask("m", request())

    assert exchange.leave("one")
    assert not exchange.leave("one")


def test_an_exchange_that_forgot_everything_counts_from_elsewhere(exchange: PredictionQueue, redis: Redis) -> None:
    before, _ = exchange.watch()
    redis.flushdb()

    def counts_from_elsewhere() -> bool:  # not yet within the same millisecond
        redis.flushdb()
        return exchange.watch()[0] != before

    wait_until(counts_from_elsewhere, seconds=1.0)


@pytest.fixture
def later(server: Redis) -> Iterator[tuple[PredictionQueue, Callable[..., None]]]:
    """An exchange on a real server, which alone wakes who waits there, and a way to ask it in a moment."""
    exchange = PredictionQueue(server, most_pending=3, most_in_all=5)
    threads: list[threading.Timer] = []

    def ask(model_id: str, one: Request) -> None:
        threads.append(threading.Timer(0.05, exchange.ask, [{model_id: [(one, LIFETIME)]}]))
        threads[-1].start()

    yield exchange, ask
    for thread in threads:
        thread.join()


def test_a_lingering_batcher_takes_the_next_request_of_its_model_on_the_spot(later) -> None:
    exchange, ask = later
    one = request()
    ask("m", one)

    assert exchange.wait_for_more("m", 10) == Taken("m", [one], 0)
    assert take(exchange) is None


def test_a_lingering_batcher_hears_of_another_model_and_leaves_its_turn(later) -> None:
    exchange, ask = later
    one = request()
    ask("other", one)

    assert exchange.wait_for_more("m", 10) is None
    assert take(exchange) == Taken("other", [one], 0)


def test_a_lingering_batcher_waits_in_vain_for_half_a_second_only(later) -> None:
    assert later[0].wait_for_more("m", 10) is None


def test_a_turn_that_was_lost_with_its_batcher_is_given_again(exchange: PredictionQueue, redis: Redis, ask) -> None:
    first, second = request(), request()
    ask("m", first)
    redis.delete(keys.ROUND_ROBIN)

    ask("m", second)

    assert take(exchange) == Taken("m", [first, second], 0)


def test_a_server_that_forgot_the_scripts_is_told_them_again(exchange: PredictionQueue, redis: Redis, ask) -> None:
    ask("m", request())
    redis.script_flush()

    assert take(exchange).model_id == "m"
    redis.script_flush()
    assert ask("m", request())[0] == {"m": 1}
