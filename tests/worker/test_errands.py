import hashlib
import threading
from pathlib import Path

import fakeredis
import numpy as np
import pytest

import nn
from tests.support.builders.errands import imported, network, record_of, run
from tests.support.builders.tools import tools
from worker.ingest.errands import Errands
from worker.ingest.ingester import Ingester
from worker.jobspec.dataset import DatasetSpec
from worker.settings import Settings
from worker.store import Store
from worker.store.blobs import export_path, model_path
from worker.store.uploads import UploadWriter


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(blob_url=f"file://{tmp_path}")


@pytest.fixture
def store(settings: Settings) -> Store:
    return Store(fakeredis.FakeRedis(), settings)


def same(one: nn.Model, other: nn.Model) -> bool:
    x = np.random.default_rng(1).normal(size=(9, 4)).astype(np.float32)
    return np.array_equal(one.predict_probabilities(x), other.predict_probabilities(x))


@pytest.mark.parametrize("format_", ["safetensors", "npz"])
def test_an_export_of_ours_is_imported_as_the_same_model(store: Store, settings: Settings, format_: str) -> None:
    model = network()

    result = imported(store, settings, nn.formats.save(model, format_))

    assert result == {"model_id": "model_new"}
    stored = store.blobs.get(model_path("model_new"))
    assert same(nn.formats.load(stored), model)
    record = store.models.get("model_new")
    assert (record.name, record.job_id, record.classes) == ("mine", None, ["a", "b", "c"])
    assert (record.sha256, record.size_bytes) == (hashlib.sha256(stored).hexdigest(), len(stored))
    assert list(store.blobs.list("staged")) == []


def test_a_plain_state_dict_is_imported_with_its_architecture(store: Store, settings: Settings) -> None:
    from safetensors.numpy import save

    tensors = {
        "0.weight": np.ones((3, 4), np.float32),
        "0.bias": np.zeros(3, np.float32),
        "2.weight": np.eye(2, 3, dtype=np.float32),
        "2.bias": np.zeros(2, np.float32),
    }
    layers = [{"type": "dense", "units": 3}, {"type": "relu"}, {"type": "dense", "units": 2}]

    alone = imported(store, settings, save(tensors))
    with_layers = imported(store, settings, save(tensors), {"input_shape": [4], "layers": layers})

    assert "expected its architecture" in alone["error"]["message"]
    assert with_layers == {"model_id": "model_new"}
    assert store.models.get("model_new").classes == ["0", "1"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x80\x04\x95 a pickle", "file: expected a model as safetensors or npz, got one that begins with b'\\x80"),
        (b"PK\x03\x04 no zip", "npz: expected a whole zip file"),
        (b"\xff" * 100, "file: expected a model as safetensors or npz"),
        ((10**9).to_bytes(8, "little") + b"{}", "safetensors: expected a header"),
        ((100_000).to_bytes(8, "little") + b"{" * 100_000, "safetensors: expected a JSON header"),
    ],
)
def test_what_is_no_model_is_refused_and_leaves_none(
    store: Store, settings: Settings, data: bytes, message: str
) -> None:
    result = imported(store, settings, data)

    assert result["error"]["code"] == "invalid_data"
    assert message in result["error"]["message"]
    assert not store.models.exists("model_new")
    assert list(store.blobs.list("models")) == []


def test_a_model_that_says_more_than_a_record_holds_is_refused(store: Store, settings: Settings) -> None:
    wide = nn.Model.build(
        ((4,), "classification", [f"{number:09}" + "c" * 600_000 for number in range(8)]),
        hidden_layers=[2],
        rng=np.random.default_rng(0),
    )

    result = imported(store, settings, nn.formats.save(wide))

    assert result["error"]["code"] == "invalid_data"
    assert "the record of the model: expected at most 4194304 bytes, got 9" in result["error"]["message"]
    assert not store.models.exists("model_new")
    assert list(store.blobs.list("models")) == list(store.blobs.list("staged")) == []


def test_a_model_is_written_in_another_format(store: Store, settings: Settings) -> None:
    model = network()
    store.blobs.put(model_path("model_1"), nn.formats.save(model))
    store.models.add("model_1", record_of(model))

    result = run(store, settings, {"do": "convert", "model_id": "model_1", "format": "npz"})

    assert result == {"model_id": "model_1"}
    assert same(nn.formats.load(store.blobs.get(export_path("model_1", "npz"))), model)


def test_a_model_that_was_deleted_meanwhile_leaves_nothing(store: Store, settings: Settings) -> None:
    store.blobs.put(model_path("model_1"), nn.formats.save(network()))

    run(store, settings, {"do": "convert", "model_id": "model_1", "format": "npz"})

    assert store.blobs.size(export_path("model_1", "npz")) is None


def test_a_wake_up_for_an_errand_that_is_done_does_nothing(store: Store, settings: Settings) -> None:
    Errands(store, settings, stopping=lambda: False).run("errand_gone")

    assert list(store.redis.scan_iter()) == []


def test_an_errand_does_not_wait_behind_an_upload(store: Store, settings: Settings) -> None:
    """A worker that reads a file does the errands that come meanwhile."""
    model = network()
    store.blobs.put(model_path("model_1"), nn.formats.save(model))
    store.models.add("model_1", record_of(model))
    writer = UploadWriter(store.blobs, "ds_1", "file", most_bytes=1 << 20)
    writer.write(b"a,b\n" + b"1,x\n2,y\n" * 10)
    store.datasets.create("ds_1", DatasetSpec().model_dump(mode="json"), [writer.finish()])
    ingester = Ingester(tools(store, settings))
    thread = threading.Thread(target=ingester.run)

    def no_wake_up_comes(_: str) -> None:
        if not thread.ident:
            thread.start()

    result = store.errands.run({"do": "convert", "model_id": "model_1", "format": "npz"}, no_wake_up_comes)
    thread.join()

    assert result == {"model_id": "model_1"}
    assert store.datasets.get("ds_1").state == "ready"
