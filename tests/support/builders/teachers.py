"""Models that a job may learn from."""

from typing import Any

from tests.support.builders.models import write
from worker.store import Store, models


def architecture(**other: Any) -> dict[str, Any]:
    return {"output": "softmax", "classes": list("0123456789"), "input_shape": [28, 28]} | other


def add(store: Store, model_id: str = "model_1", **other: Any) -> str:
    about = architecture(**other)
    record = models.describe(
        name=None,
        job_id=None,
        dataset=None,
        task="classification",
        classes=about["classes"],
        architecture=about,
        metrics={},
        sha256="0" * 64,
        size_bytes=7,
    )
    write(store, model_id, record)
    return model_id
