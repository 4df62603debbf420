"""Models as a training worker would have made them."""

from collections.abc import Mapping

from worker.store import Store, keys, models
from worker.store.blobs import export_path
from worker.store.claim import NewModel


def write(store: Store, model_id: str, record: Mapping[str, str]) -> None:
    """A model's record, written as an import that ends writes it; nothing is left of that."""
    imports = store.records(keys.MODEL_IMPORT)
    imports.add(imports.fields({}), most_queued=1)
    claim = imports.claim("w", 60_000)
    assert claim is not None
    imports.end(claim, "succeeded", model=NewModel(model_id, record))
    imports.delete_record(claim.record.id, unless=())


def add(store: Store, model_id: str, name: str | None, *, job_id: str | None = None, dataset: str | None = None) -> str:
    """A model as a training worker would have made it."""
    columns = [{"name": "size", "kind": "numeric"}, {"name": "kind", "kind": "categorical", "categories": ["x"]}]
    record = models.describe(
        name=name,
        job_id=job_id,
        dataset=dataset,
        task="classification",
        classes=["no", "yes"],
        architecture={"input_shape": [2], "preprocessing": {"columns": columns}},
        metrics={"test_accuracy": 0.9, "test_loss": 0.25, "validation_loss": 0.125},
        sha256="0" * 64,
        size_bytes=7,
    )
    write(store, model_id, record)
    store.blobs.put(export_path(model_id, "safetensors"), b"weights")
    return model_id
