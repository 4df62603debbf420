"""What one request may take of a prediction worker: time, memory, and numbers in its answer."""

import time
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
import pytest

import nn
from tests.support.builders.pictures import DIGITS, file_of
from tests.support.builders.predictions import body, npy, request
from worker.inference import batch
from worker.inference.batch import answer, portions
from worker.inference.codecs import protocol
from worker.store.prediction_queue import Request


class Models:
    """Stands where the cache stands."""

    def __init__(self, model: nn.Model) -> None:
        self.model = model
        self.cleared = False

    def get(self, model_id: str) -> nn.Model:
        return self.model

    def clear(self) -> None:
        self.cleared = True


@pytest.fixture
def models() -> Models:
    return Models(nn.Model.build(((3,), "classification", ("a", "b")), hidden_layers=[4], rng=np.random.default_rng(1)))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands at the number in the list."""
    now = [1000.0]
    monkeypatch.setattr("worker.store.prediction_queue.time.monotonic", lambda: now[0])
    return now


def until(deadline: float, one: Request) -> Request:
    return replace(one, deadline=deadline)


def test_what_nobody_waits_for_is_not_computed(models: Models, clock: list[float]) -> None:
    late, early = until(999, request(body([[1, 2, 3]]))), until(1001, request(body([[1, 2, 3]])))

    answers = answer(models, "m", [late, early], most_bytes=1000)

    assert [one.id for one, _ in answers] == [early.id]


def test_a_pass_is_left_between_two_blocks_once_nobody_waits(
    models: Models, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = []
    predict = batch.outputs_of

    def slow(model: nn.Model, rows: Any) -> Any:
        blocks.append(len(rows))
        clock[0] += 4
        return predict(model, rows)

    monkeypatch.setattr(batch, "outputs_of", slow)
    large = until(1010, request(npy(np.zeros((5000, 3))), "npy"))

    assert answer(models, "m", [large], most_bytes=10**6) == []
    assert blocks == [1024] * 3


def test_pictures_are_decoded_until_nobody_waits(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = []
    model = nn.Model.build(((28, 28), "classification", "ab"), hidden_layers=[2], rng=np.random.default_rng(1))

    def slow(*_: Any, **__: Any) -> Any:
        decoded.append(1)
        clock[0] += 4
        return np.zeros(784, np.uint8)

    monkeypatch.setattr(protocol, "row_of", slow)
    file = file_of(DIGITS[0])
    tensors = (len(file).to_bytes(4, "little") + file) * 9
    size = {"binary_data_size": len(tensors)}
    head = orjson.dumps({"inputs": [{"name": "input", "shape": [9], "datatype": "BYTES", "parameters": size}]})
    raw = head + tensors
    asked = until(1010, request(raw, "protocol", header_length=len(head), name="m"))

    assert answer(Models(model), "m", [asked], most_bytes=10**6) == []
    assert len(decoded) == 3


def test_those_that_are_read_do_not_wait_for_those_that_take_long(
    models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("worker.inference.batch.time.monotonic", lambda: now[0])
    read = batch._read

    def slow(*arguments: Any) -> Any:
        now[0] += 0.1
        return read(*arguments)

    monkeypatch.setattr(batch, "_read", slow)
    requests = [request(body([[1, 2, 3]])) for _ in range(7)]

    answered = [[one.id for one, _ in portion] for portion in portions(models, "m", requests, most_bytes=1000)]

    ids = [one.id for one in requests]
    assert answered == [ids[:3], ids[3:6], ids[6:]]


def test_an_answer_of_too_many_numbers_is_refused_before_it_is_computed() -> None:
    wide = Models(
        nn.Model.build(
            ((1,), "classification", list(map(str, range(2000)))), hidden_layers=[], rng=np.random.default_rng(1)
        )
    )

    [(_, most), (_, reply)] = answer(
        wide,
        "m",
        [request(npy(np.zeros((5000, 1))), "npy"), request(npy(np.zeros((5001, 1))), "npy")],
        most_bytes=10**6,
    )

    assert most.kind == "prediction"
    assert reply.kind == "bad_input"
    assert "at most 5000 rows of 2000 outputs each, got 5001" in orjson.loads(reply.body)[0]["detail"]


def test_a_request_that_needs_more_memory_than_there_is_is_told_so_and_gives_it_back(
    models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    def starve(*_: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(batch, "outputs_of", starve)

    [(_, reply)] = answer(models, "m", [request(body([[1, 2, 3]]))], most_bytes=1000)

    assert reply.kind == "failure"
    assert "NEUROND_MAX_PREDICT_MEMORY_BYTES" in orjson.loads(reply.body)["message"]
    assert models.cleared


def test_deadlines_are_by_this_process_and_endless_where_none_is_said() -> None:
    request(b"x").check_deadline()
    until(time.monotonic() + 60, request(b"x")).check_deadline()
