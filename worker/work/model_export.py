"""Stored models that are written in another format, when it is first asked for."""

from typing import Final

from pydantic import BaseModel

from worker.work.kind import MODELS, Kind


class ModelExport(BaseModel):
    """Which model, in which format."""

    model_id: str
    format: str


KIND: Final = Kind(
    "model_export",
    "model_exports",
    "export",
    queue=MODELS,
    run="worker.ingest.model_files:export_model",
    request=ModelExport,
    awaited=True,
    title="exports of models",
)
