"""Bodies of predictions: rows that the model takes, and an answer; or a problem that names what is wrong."""

from benchmarks.fuzz.targets.asked import MODELS
from worker.errors import PredictionInputError
from worker.inference.codecs import CODECS
from worker.store.prediction_queue import Request

NAMES = ("json", "npy", "csv", "protocol")


def one(data: bytes) -> None:
    """The first byte chooses form and model."""
    chosen = data[0] if data else 0
    name, model = NAMES[chosen % len(NAMES)], MODELS[chosen // len(NAMES) % len(MODELS)]
    request = Request("r", "p", name, "2026-11-30T00:00:00Z", {}, data[1:])
    try:
        question = CODECS[name].read(model, request)
    except PredictionInputError:
        return
    assert question.rows.shape[1:] == (model.input_size,)
    outputs = model.predict(question.rows[:1])
    assert len(outputs) == 1
