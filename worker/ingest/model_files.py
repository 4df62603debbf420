"""Models from outside are checked and kept, and stored ones written in other formats, each in a child process.

An attempt may end anywhere, and another follows it: what the child writes is staged, and gets its name afterwards.
"""

from collections.abc import Mapping
from typing import Any

from worker.errors import JobFailedError, ModelNotFoundError
from worker.ingest.process import run_child
from worker.runtime.function_runner import Run
from worker.store import Store
from worker.store.blobs import EXPORT_FORMATS, export_path, model_path
from worker.store.uploads import imported_as, staged_path
from worker.store.usage import upload_of
from worker.work.outcome import Done, Outcome, Released


def import_model(work: Run) -> Outcome:
    """Check an uploaded model and give its weights their name; its record is written with the end of the import."""
    about = _in_child(work, "import")
    if about is None:
        return Released()
    upload = work.record.id
    model_id = imported_as(upload)
    work.store.blobs.rename(staged_path(upload), model_path(model_id))
    _charge(work.store, model_id, like=upload_of(upload))
    return Done({"model_id": model_id}, model=about["record"])


def export_model(work: Run) -> Outcome:
    """Write a model in another format, unless that was done meanwhile; one that was deleted leaves nothing behind."""
    store, model_id = work.store, work.request.model_id
    path = export_path(model_id, work.request.format)
    if store.blobs.size(path) is None:
        if _in_child(work, "convert") is None:
            return Released()
        store.blobs.rename(staged_path(work.record.id), path)
    if not store.models.exists(model_id):
        store.blobs.delete(path)
        raise ModelNotFoundError(f"the model {model_id!r} was deleted meanwhile")
    _charge(store, model_id)
    return Done({})


def _in_child(work: Run, do: str) -> Mapping[str, Any] | None:
    """What the child found; None: this attempt is to stop, and to name nothing."""
    settings = work.settings
    asked = {**work.record.request, "do": do, "id": work.record.id, "blob_url": settings.blob_url}
    work.lift_limits()
    result = run_child(asked, settings, seconds=settings.import_export_seconds, should_stop=work.should_stop)
    if result is None or work.should_stop():
        return None
    if "error" in result:
        raise JobFailedError(**result["error"])
    about: Mapping[str, Any] = result["about"]
    return about


def _charge(store: Store, model_id: str, like: str = "") -> None:
    """Note what the model's files have together; they are there, and each is about as large as the first."""
    paths = [export_path(model_id, name) for name in EXPORT_FORMATS]
    size = sum(store.blobs.size(path) or 0 for path in paths)
    store.usage.charge(model_id, size, like=like, whatever=True)
