"""Imports and exports of models: what comes of them, and what is left where they end otherwise."""

import hashlib
import resource
from collections.abc import Callable
from pathlib import Path

import fakeredis
import numpy as np
import pytest

import nn
from tests.support.builders.model_files import ask_export, ask_import, exported, imported, network, record_of, work_at
from tests.support.builders.models import write
from tests.support.builders.tools import tools
from tests.support.builders.uploads import blobs_of
from tests.support.clock import wait_until
from worker.ingest import child, model_files
from worker.ingest.process import run_child
from worker.ingest.sweep import sweep
from worker.runtime.function_runner import FunctionRunner
from worker.settings import Settings
from worker.store import Store, keys
from worker.store.blobs import export_path, model_path
from worker.store.uploads import staged_path
from worker.work.kind import Kind


class KilledError(BaseException):
    """Stands for the end of a process: nothing catches it."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(blob_url=f"file://{tmp_path}")


@pytest.fixture
def store(settings: Settings) -> Store:
    return Store(fakeredis.FakeRedis(), settings)


@pytest.fixture
def model(store: Store) -> nn.Model:
    """It is stored as `model_1`."""
    model = network()
    store.blobs.put(model_path("model_1"), nn.formats.save(model))
    write(store, "model_1", record_of(model))
    return model


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a child would do is done here: quicker."""
    monkeypatch.setattr(model_files, "run_child", lambda asked, *_, **__: child._answer(asked))


def same(one: nn.Model, other: nn.Model) -> bool:
    x = np.random.default_rng(1).normal(size=(9, 4)).astype(np.float32)
    return np.array_equal(one.predict_probabilities(x), other.predict_probabilities(x))


def kill(store: Store, settings: Settings, kind: Kind, *, most_attempts: int = 3) -> str | None:
    """Run the record that waits until its worker is killed; the status in which that leaves it."""
    with pytest.raises(KilledError):
        FunctionRunner(tools(store, settings), kind).run()
    [(identifier, (_, token))] = store.records(kind).owners().items()
    return store.records(kind).take_lost(identifier, token=token, reason="", log=[], most_attempts=most_attempts)


def killing(step: Callable) -> Callable:
    """The same step, with which the worker dies."""

    def last(*arguments: object, **options: object) -> None:
        step(*arguments, **options)
        raise KilledError

    return last


@pytest.mark.parametrize("format_", ["safetensors", "npz"])
def test_an_export_of_ours_is_imported_as_the_same_model(store: Store, settings: Settings, format_: str) -> None:
    model = network()

    record = imported(store, settings, nn.formats.save(model, format_))

    assert (record.status, record.result) == ("succeeded", {"model_id": "model_1"})
    stored = store.blobs.get(model_path("model_1"))
    assert same(nn.formats.load(stored), model)
    made = store.models.get("model_1")
    assert (made.name, made.job_id, made.classes) == ("mine", None, ["a", "b", "c"])
    assert (made.sha256, made.size_bytes) == (hashlib.sha256(stored).hexdigest(), len(stored))
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
    store.records(keys.MODEL_IMPORT).delete_record(alone.id, unless=())
    with_layers = imported(store, settings, save(tensors), {"input_shape": [4], "layers": layers})

    assert "expected its architecture" in alone.error["message"]
    assert with_layers.status == "succeeded"
    assert store.models.get("model_1").classes == ["0", "1"]


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
    record = imported(store, settings, data)

    assert (record.status, record.error["code"]) == ("failed", "invalid_data")
    assert message in record.error["message"]
    assert not store.models.exists("model_1")
    assert list(store.blobs.list("models")) == []


def test_a_model_that_says_more_than_a_record_holds_is_refused(store: Store, settings: Settings) -> None:
    wide = nn.Model.build(
        ((4,), "classification", [f"{number:09}" + "c" * 600_000 for number in range(8)]),
        hidden_layers=[2],
        rng=np.random.default_rng(0),
    )

    record = imported(store, settings, nn.formats.save(wide))

    assert record.error["code"] == "invalid_data"
    assert "the record of the model: expected at most 4194304 bytes, got 9" in record.error["message"]
    assert not store.models.exists("model_1")
    assert list(store.blobs.list("models")) == list(store.blobs.list("staged")) == []


def test_a_model_is_written_in_another_format_once(
    store: Store, settings: Settings, model: nn.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = exported(store, settings, "model_1", "npz")
    store.records(keys.MODEL_EXPORT).delete_record(first.id, unless=())
    monkeypatch.setattr(model_files, "run_child", None)
    second = exported(store, settings, "model_1", "npz")

    assert (first.status, second.status) == ("succeeded", "succeeded")
    assert same(nn.formats.load(store.blobs.get(export_path("model_1", "npz"))), model)


def test_a_model_that_was_deleted_meanwhile_leaves_nothing(store: Store, settings: Settings, model: nn.Model) -> None:
    store.models.delete("model_1")

    record = exported(store, settings, "model_1", "npz")

    assert (record.status, record.error["code"]) == ("failed", "model_not_found")
    assert blobs_of(store) == [model_path("model_1")]


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("step", ["run_child", "_charge"])
def test_an_import_whose_worker_is_killed_is_done_by_the_next(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    identifier = ask_import(store, nn.formats.save(network()))
    with monkeypatch.context() as patch:
        patch.setattr(model_files, step, killing(getattr(model_files, step)))
        assert kill(store, settings, keys.MODEL_IMPORT) == "queued"

    record = work_at(store, settings, identifier)

    assert (record.status, record.attempt) == ("succeeded", 2)
    assert blobs_of(store) == [model_path("model_1"), "uploads/import_1/file.000000"]
    sweep(store)
    assert blobs_of(store) == [model_path("model_1")]
    assert same(nn.formats.load(store.blobs.get(model_path("model_1"))), network())


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("step", ["run_child", "_charge"])
def test_an_import_whose_last_worker_is_killed_leaves_nothing(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ask_import(store, nn.formats.save(network()))
    monkeypatch.setattr(model_files, step, killing(getattr(model_files, step)))

    assert kill(store, settings, keys.MODEL_IMPORT, most_attempts=1) == "failed"
    assert len(blobs_of(store)) == 2
    sweep(store)

    assert blobs_of(store) == []
    assert store.usage.kept() == 0


@pytest.mark.usefixtures("in_process")
def test_an_import_that_runs_is_not_swept(store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    identifier = ask_import(store, nn.formats.save(network()))
    charge = model_files._charge
    monkeypatch.setattr(model_files, "_charge", lambda *given, **more: (sweep(store), charge(*given, **more)))

    sweep(store)

    assert work_at(store, settings, identifier).status == "succeeded"
    assert store.blobs.size(model_path("model_1"))


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("step", ["run_child", "_charge"])
def test_a_deleted_model_leaves_no_export_where_a_worker_was_killed(
    store: Store, settings: Settings, model: nn.Model, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    identifier = ask_export(store, "model_1", "npz")
    with monkeypatch.context() as patch:
        patch.setattr(model_files, step, killing(getattr(model_files, step)))
        assert kill(store, settings, keys.MODEL_EXPORT) == "queued"
    store.models.delete("model_1")
    for name in ("safetensors", "npz"):
        store.blobs.delete(export_path("model_1", name))

    record = work_at(store, settings, identifier)
    sweep(store)

    assert record.status == "failed"
    assert blobs_of(store) == []


def cancelling(store: Store, kind: Kind, identifier: str) -> Callable:
    """The child's work, after which its record is cancelled, and the worker has heard of it."""

    def run(asked: dict, _: Settings, *, should_stop: Callable[[], bool], **__: object) -> object:
        result = child._answer(asked)
        store.records(kind).cancel(identifier)
        wait_until(should_stop)
        return result

    return run


def test_an_import_that_is_cancelled_while_it_runs_leaves_nothing(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    identifier = ask_import(store, nn.formats.save(network()))
    monkeypatch.setattr(model_files, "run_child", cancelling(store, keys.MODEL_IMPORT, identifier))

    record = work_at(store, settings, identifier)

    assert record.status == "cancelled"
    assert blobs_of(store) == [staged_path(identifier), "uploads/import_1/file.000000"]
    sweep(store)
    assert blobs_of(store) == []


def test_an_export_that_is_cancelled_while_it_runs_leaves_nothing(
    store: Store, settings: Settings, model: nn.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    identifier = ask_export(store, "model_1", "npz")
    monkeypatch.setattr(model_files, "run_child", cancelling(store, keys.MODEL_EXPORT, identifier))

    record = work_at(store, settings, identifier)

    assert record.status == "cancelled"
    assert blobs_of(store) == [model_path("model_1"), staged_path(identifier)]
    sweep(store)
    assert blobs_of(store) == [model_path("model_1")]


def test_the_child_is_bounded_as_a_reader_of_files_and_not_as_a_job(
    store: Store, settings: Settings, model: nn.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, bounds = resource.getrlimit(resource.RLIMIT_DATA), []

    def run(*given: object, **more: object) -> object:
        bounds.append(resource.getrlimit(resource.RLIMIT_DATA))
        return run_child(*given, **more)

    monkeypatch.setattr(model_files, "run_child", run)

    assert exported(store, settings, "model_1", "npz").status == "succeeded"
    assert bounds == [before]


def test_a_worker_that_shuts_down_puts_it_back(store: Store, settings: Settings, model: nn.Model) -> None:
    identifier = ask_export(store, "model_1", "npz")

    assert work_at(store, settings, identifier, stopping=True).status == "queued"
    assert work_at(store, settings, identifier).status == "succeeded"


@pytest.mark.usefixtures("in_process")
def test_a_record_that_nobody_asks_for_any_more_goes_after_its_retention(
    store: Store, settings: Settings, model: nn.Model
) -> None:
    done = exported(store, settings, "model_1", "npz")
    left = store.redis.pttl(keys.MODEL_EXPORT.record(done.id))
    store.redis.delete(keys.MODEL_EXPORT.record(done.id))

    FunctionRunner(tools(store, settings), keys.MODEL_EXPORT).tidy()

    assert 0 < left <= settings.withdrawn_retention_seconds * 1000
    assert store.redis.zcard(keys.MODEL_EXPORT.index) == 0
    assert store.redis.zcard(keys.MODEL_EXPORT.with_status("succeeded")) == 0
