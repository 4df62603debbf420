"""Models as a training worker would have made them."""

from worker.store import Store, models
from worker.store.blobs import export_path


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
    store.models.add(model_id, record)
    store.blobs.put(export_path(model_id, "safetensors"), b"weights")
    return model_id
