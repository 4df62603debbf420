"""Records as clients see them (`docs/http.md`)."""

from typing import Any, TypeVar

from worker.store.aliases import Alias
from worker.store.events import Event
from worker.store.jobs import Job
from worker.store.models import Model
from worker.store.records import Page

Record = TypeVar("Record")


def job(record: Job) -> dict[str, Any]:
    """A job."""
    url = f"/v1/jobs/{record.id}"
    config = record.config
    return {
        "id": record.id,
        "object": "job",
        "status": record.status,
        "created_at": record.created_at,
        "started_at": record.started_at,
        "finished_at": record.finished_at,
        "cancel_requested_at": record.cancel_requested_at,
        "attempt": record.attempt,
        "dataset": config["dataset"],
        "name": config["name"],
        "metadata": config["metadata"],
        "config": config,
        "progress": record.progress or _not_begun(config["training"]["epochs"]),
        "metrics": record.metrics or {},
        "model_id": record.model_id,
        "error": record.error,
        "urls": {
            "self": url,
            "cancel": f"{url}/cancel",
            "events": f"{url}/events",
            "model": f"/v1/models/{record.model_id}" if record.model_id else None,
        },
    }


def _not_begun(epochs: int) -> dict[str, Any]:
    return {"epoch": 0, "epochs": epochs, "step": 0, "steps": None, "samples_per_second": None, "eta_seconds": None}


def model(record: Model) -> dict[str, Any]:
    """A model."""
    url = f"/v1/models/{record.id}"
    return {
        "id": record.id,
        "object": "model",
        "created_at": record.created_at,
        "name": record.name,
        "job_id": record.job_id,
        "dataset": record.dataset,
        "task": record.task,
        "classes": record.classes,
        "architecture": record.architecture,
        "metrics": record.metrics,
        "sha256": record.sha256,
        "size_bytes": record.size_bytes,
        "urls": {"self": url, "predictions": f"{url}/predictions", "job": f"/v1/jobs/{record.job_id}"},
    }


def alias(record: Alias) -> dict[str, Any]:
    """An alias."""
    return {
        "name": record.name,
        "object": "alias",
        "model_id": record.model_id,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "urls": {"self": f"/v1/aliases/{record.name}", "model": f"/v1/models/{record.model_id}"},
    }


def event(record: Event) -> dict[str, Any]:
    """An event of a job."""
    return {
        "id": record.id,
        "object": "event",
        "event": record.event,
        "created_at": record.created_at,
        "data": record.data,
    }


def page(records: Page[Record], represent: Any) -> dict[str, Any]:
    """A part of a list."""
    return {"object": "list", "data": [represent(record) for record in records.data], "has_more": records.has_more}
