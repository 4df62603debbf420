"""Requests for predictions, as they lie on the queue."""

import io

import numpy as np
import orjson

import nn
from worker.inference.batch import answer
from worker.store.prediction_queue import Reply, Request
from worker.store.records import new_id


class Only:
    """Stands where the cache stands, and has one model."""

    def __init__(self, model: nn.Model) -> None:
        self._model = model

    def get(self, model_id: str) -> nn.Model:
        return self._model


def request(raw: bytes, form: str = "json", **about: object) -> Request:
    return Request(new_id("pred"), "api_1", form, "2026-11-24T12:00:00.000000Z", about, raw)


def ask(model: nn.Model, *requests: Request) -> dict[str, Reply]:
    return {one.id: reply for one, reply in answer(Only(model), "model_1", list(requests), most_bytes=10**6)}


def body(inputs: object) -> bytes:
    return orjson.dumps({"inputs": inputs})


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()
