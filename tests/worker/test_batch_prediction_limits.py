"""An asynchronous prediction of a body has the limits of one that is waited for; a model from outside runs once."""

import time
from pathlib import Path
from typing import Any

import fakeredis
import pytest

import nn
from tests.support.builders.model_files import imported, network, record_of
from tests.support.builders.models import write
from tests.support.builders.pictures import progressive
from tests.support.builders.tools import tools
from worker.inference import batch
from worker.inference.batch_predictions import BatchPredictions
from worker.ingest import child
from worker.runtime.pass_watchdog import Passes
from worker.settings import Settings
from worker.store import Store
from worker.store.blobs import model_path
from worker.store.predictions import Prediction, body_path

ROWS = b'{"inputs": [[1, 2, 3, 4]]}'


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(blob_url=f"file://{tmp_path}", predict_timeout_seconds=7)


@pytest.fixture
def store(settings: Settings) -> Store:
    return Store(fakeredis.FakeRedis(), settings)


def predicted(store: Store, settings: Settings, passes: Passes, body: bytes = ROWS, form: str = "json") -> Prediction:
    model = (
        network() if form == "json" else nn.Model.from_architecture({**network().architecture, "input_shape": [28, 28]})
    )
    store.blobs.put(model_path("model_1"), nn.formats.save(model))
    write(store, "model_1", record_of(network()))
    store.blobs.put(body_path("pred_1"), body)
    store.predictions.create("pred_1", "model_1", "json", {"form": form, "about": {}, "created_at": ""})
    BatchPredictions(tools(store, settings, passes=passes)).run()
    return store.predictions.get("pred_1")


def test_one_that_takes_longer_than_a_prediction_may_fails_and_says_so(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes, watched = Passes(), []
    outputs = batch.outputs_of

    def slow(*arguments: Any) -> Any:
        watched.append(passes.in_hand())
        now = time.monotonic() + 8
        monkeypatch.setattr("worker.store.prediction_queue.time.monotonic", lambda: now)
        return outputs(*arguments)

    monkeypatch.setattr(batch, "outputs_of", slow)
    rows = b'{"inputs": [' + b", ".join([b"[1, 2, 3, 4]"] * 20) + b"]}"

    prediction = predicted(store, settings, passes, rows)

    assert prediction.status == "failed"
    assert prediction.error is not None
    assert prediction.error["code"] == "time_limit"
    assert "7 s (NEUROND_PREDICT_TIMEOUT_SECONDS)" in prediction.error["message"]
    assert len(watched) == 1
    assert watched[0] is not None
    assert passes.in_hand() is None


def test_a_picture_that_costs_too_much_is_refused_as_where_it_is_waited_for(store: Store, settings: Settings) -> None:
    prediction = predicted(store, settings, Passes(), progressive(9000), "image")

    assert prediction.status == "failed"
    assert prediction.error is not None
    assert prediction.error["code"] == "invalid_input"
    assert "at most 100 scans" in prediction.error["message"]


def test_a_model_from_outside_is_run_once_before_it_is_kept(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    predict = nn.Model.predict
    monkeypatch.setattr(nn.Model, "predict", lambda self, x: (seen.append(x.tolist()), predict(self, x))[1])
    monkeypatch.setattr("worker.ingest.model_files.run_child", lambda asked, *_, **__: child._answer(asked))

    assert imported(store, settings, nn.formats.save(network())).result == {"model_id": "model_1"}
    assert seen == [[[0.0, 0.0, 0.0, 0.0]]]
