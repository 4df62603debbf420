"""Models from outside and in other formats, and a worker that takes and writes them."""

import numpy as np

import nn
from tests.support.builders.tools import tools
from worker.runtime.function_runner import FunctionRunner
from worker.settings import Settings
from worker.store import Store, keys, models
from worker.store.uploads import UploadWriter
from worker.store.work_records import WorkRecord
from worker.work.kind import Kind


def network(seed: int = 0) -> nn.Model:
    return nn.Model.build(((4,), "classification", "abc"), hidden_layers=[5], rng=np.random.default_rng(seed))


def ask(store: Store, kind: Kind, identifier: str, **request: object) -> str:
    """The ID of a record that waits."""
    records = store.records(kind)
    return str(records.add(records.fields(request), identifier=identifier, most_queued=9)[0].id)


def ask_import(store: Store, data: bytes, architecture: object = None) -> str:
    writer = UploadWriter(store.blobs, "import_1", "file", most_bytes=1 << 24)
    writer.write(data)
    request = {"file": writer.finish().as_dict(), "architecture": architecture, "name": "mine"}
    return ask(store, keys.MODEL_IMPORT, "import_1", **request)


def ask_export(store: Store, model_id: str, format_: str) -> str:
    return ask(store, keys.MODEL_EXPORT, "export_1", model_id=model_id, format=format_)


def work_at(store: Store, settings: Settings, identifier: str, *, stopping: bool = False) -> WorkRecord:
    """The record after a worker's attempt."""
    kind = keys.MODEL_IMPORT if identifier.startswith("import") else keys.MODEL_EXPORT
    FunctionRunner(tools(store, settings, stopping=lambda: stopping), kind).run()
    record: WorkRecord = store.records(kind).get(identifier)
    return record


def imported(store: Store, settings: Settings, data: bytes, architecture: object = None) -> WorkRecord:
    """The import of a file, as `model_1`, when it has ended."""
    return work_at(store, settings, ask_import(store, data, architecture))


def exported(store: Store, settings: Settings, model_id: str, format_: str) -> WorkRecord:
    """The export of a model when it has ended."""
    return work_at(store, settings, ask_export(store, model_id, format_))


def record_of(model: nn.Model) -> dict[str, str]:
    return models.describe(
        name=None,
        job_id=None,
        dataset=None,
        task=model.task,
        classes=list(model.classes),
        architecture={},
        metrics={},
        sha256="",
        size_bytes=1,
    )
