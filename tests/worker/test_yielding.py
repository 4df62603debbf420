"""Short requests are answered in the middle of long ones."""

from collections.abc import Callable

import numpy as np
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

import nn
from nn import formats
from tests.support.builders.predictions import body, request
from worker.inference import batcher
from worker.inference.batcher import Inference
from worker.runtime.pass_watchdog import Passes
from worker.settings import Settings
from worker.store import Store
from worker.store.blobs import model_path
from worker.store.prediction_queue import LONG_BYTES, PredictionQueue, Request

LONG = body([[1.0, 2.0, 3.0]] * 9_000)


class Deaf:
    """A queue that nobody needs here."""

    def send_predict(self) -> None:
        """Do nothing."""


@pytest.fixture
def settings(redis_url: str, tmp_path) -> Settings:
    return Settings(redis_url=redis_url, blob_url=f"file://{tmp_path}")


@pytest.fixture
def store(server, settings: Settings) -> Store:
    store = Store(server, settings)
    model = nn.Model.build(((3,), "classification", ("a", "b")), hidden_layers=[4], rng=np.random.default_rng(1))
    store.blobs.put(model_path("m"), formats.save(model))
    return store


@pytest.fixture
def drained(store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    monkeypatch.setattr(batcher, "WAIT_FOR_MORE_SECONDS", 0.0)
    monkeypatch.setattr(batcher, "YIELD_SECONDS", 0.0)
    exchange = PredictionQueue.over(store.redis, settings)

    def drained(*requests: Request) -> list[str]:
        """The requests, in the order of their answers."""
        for one in requests:
            exchange.ask({one.lane("m"): [(one, 60_000)]})
        Inference(store, Deaf(), settings, stopping=lambda: False, passes=Passes()).drain()
        return [identifier for identifier, reply in exchange.replies("api_1") if reply.kind == "prediction"]

    return drained


def test_a_short_request_does_not_wait_for_the_end_of_a_long_one(drained) -> None:
    assert len(LONG) > LONG_BYTES
    long, short = request(LONG), request(body([[1, 2, 3]]))

    assert drained(long, short) == [short.id, long.id]


def test_a_long_request_is_finished_however_many_short_ones_there_are(drained) -> None:
    long, short = request(LONG), [request(body([[1, 2, 3]])) for _ in range(200)]

    order = drained(long, *short)

    assert sorted(order) == sorted([long.id, *(one.id for one in short)])


def test_an_exchange_that_goes_away_in_between_is_no_fault_of_the_long_request(
    drained, monkeypatch: pytest.MonkeyPatch
) -> None:
    long, lost = request(LONG), []
    take = PredictionQueue.take

    def away(self: PredictionQueue, *arguments: object, only_short: bool = False, **options: object) -> object:
        if only_short and not lost:
            lost.append(True)
            raise RedisConnectionError("gone")
        return take(self, *arguments, only_short=only_short, **options)

    monkeypatch.setattr(PredictionQueue, "take", away)

    assert drained(long) == []
    assert lost
