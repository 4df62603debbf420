"""Models from outside, which are checked and kept."""

from typing import Any, Final

from pydantic import BaseModel

from worker.work.kind import MODELS, Kind


class ModelImport(BaseModel):
    """The file, which was uploaded under the ID of the record, and what is said of it."""

    file: dict[str, Any]
    architecture: Any
    name: str | None


KIND: Final = Kind(
    "model_import",
    "model_imports",
    "import",
    queue=MODELS,
    run="worker.ingest.model_files:import_model",
    request=ModelImport,
    awaited=True,
    title="imports of models",
)
