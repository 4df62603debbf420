"""Models are what jobs made and what was imported: `/v1/models`."""

import re
from collections.abc import Callable
from typing import Any, Final, cast

import orjson
from flask import Blueprint, Response, request
from pydantic import BaseModel

from api.errors import Problem, bad_input
from api.http import checked, json_response
from api.openapi import BINARY, Answer, Body, operation
from api.schemas import Model, ModelList, NamedPageQuery
from api.schemas.models import IMPORT_FORM, ExportQuery, ImportQuery
from api.services import services
from api.uploads import receive
from api.work import submit, wait_for_end
from worker.errors import BlobError, BlobMissingError, InvalidDataError, NotFoundError, TooLargeError
from worker.store import keys
from worker.store.blobs import EXPORT_FORMATS, NATIVE_FORMAT, export_path, growth_path
from worker.store.records import new_id
from worker.store.uploads import imported_as
from worker.store.work_records import WorkRecord, WorkRecords
from worker.work.kind import Kind
from worker.work.model_export import ModelExport
from worker.work.model_import import ModelImport

blueprint = Blueprint("models", __name__, url_prefix="/v1/models")

FILE_FIELDS: Final = ("file",)


@blueprint.get("")
@operation(errors=(404,), answers={200: Answer("A page of models.", ModelList)})
def list_models(query: NamedPageQuery) -> Response:
    """List models, newest first."""
    found = services().store.models.page(limit=query.limit, after=query.after, keep=query.keep)
    return json_response(ModelList(data=[Model.listed(model) for model in found.data], has_more=found.has_more))


@blueprint.post("")
@operation(
    body=Body(
        media={"application/octet-stream": BINARY, "multipart/form-data": IMPORT_FORM},
        most_bytes=lambda settings: settings.max_upload_bytes,
    ),
    errors=(504, 507),
    answers={201: Answer("The model.", Model, headers=("Location",))},
)
def import_model(query: ImportQuery) -> Response:
    """Import a model: a safetensors or npz file, as the body or as `file` of a form.

    Our own exports say all that is needed. For the state dict of a `torch.nn.Sequential` the form's `architecture` says
    what the file does not: the shape of a row, and the layers in their order. Nothing in a file is ever run.
    """
    store, settings = services().store, services().settings
    identifier = new_id(keys.MODEL_IMPORT.prefix)
    store.records(keys.MODEL_IMPORT).check_queue(settings.max_queued_jobs)
    received = receive(store, identifier, fields=FILE_FIELDS, most_bytes=settings.max_upload_bytes)

    def asked() -> ModelImport:
        fields = dict(received.fields)
        architecture = _architecture(fields.pop("architecture", None))
        name = checked(ImportQuery, {"name": query.name} | fields).name
        [file] = received.files
        return ModelImport(file=file.as_dict(), architecture=architecture, name=name or file.filename)

    _done(keys.MODEL_IMPORT, identifier, asked, pointer="#", let_go=lambda: store.let_go_upload(identifier))
    model_id = imported_as(identifier)
    response = json_response(Model.model_validate(store.models.get(model_id)), 201)
    response.headers["Location"] = f"/v1/models/{model_id}"
    return response


def _architecture(given: str | None) -> Any:
    if given is None:
        return None
    try:
        return orjson.loads(given)
    except orjson.JSONDecodeError as error:
        detail = f"expected JSON, got an error: {error}"
        raise bad_input([{"pointer": "#/architecture", "detail": detail}]) from None


@blueprint.get("/<model_id>")
@operation(answers={200: Answer("The model.", Model, etag=True)})
def get_model(model_id: str) -> Response:
    """Read a model, by its ID or an alias: its architecture, classes, metrics, and where it came from."""
    store = services().store
    model = store.models.get(store.aliases.resolve(model_id))
    return json_response(Model.model_validate(model), revision=f"{model.id}-{model.revision}")


@blueprint.delete("/<model_id>")
@operation(errors=(409,), answers={204: Answer("It is gone.")})
def delete_model(model_id: str) -> Response:
    """Delete a model, by its ID. While an alias stands for it, or a job learns from it, it is 409."""
    store = services().store
    store.models.delete(model_id)
    for name in EXPORT_FORMATS:
        store.blobs.delete(export_path(model_id, name))
    store.blobs.delete(growth_path(model_id))
    store.usage.discharge(model_id)
    return Response(status=204)


@blueprint.get("/<model_id>/export")
@operation(
    errors=(504,),
    answers={
        200: Answer(
            "The file.",
            media={"application/octet-stream": BINARY},
            headers=("Content-Disposition",),
            etag=True,
        )
    },
)
def export_model(model_id: str, query: ExportQuery) -> Response:
    """Export a model, by its ID or an alias, as safetensors, npz or ONNX.

    The safetensors file loads into a matching `torch.nn.Sequential` as it is. In the ONNX file, preprocessing and
    softmax are inside the graph: raw rows go in, probabilities come out.
    """
    store = services().store
    model = store.models.get(store.aliases.resolve(model_id))
    path, tag = export_path(model.id, query.format), f"{model.id}-{query.format}"
    filename = f"{_filename(model.name or model.id)}.{query.format}"
    response = Response(content_type="application/octet-stream")
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    if request.if_none_match.contains(tag):
        response.make_conditional(request)
        return response
    size = store.blobs.size(path)
    if size is None and query.format != NATIVE_FORMAT:
        store.space.check()
        identifier, asked = new_id(keys.MODEL_EXPORT.prefix), ModelExport(model_id=model.id, format=query.format)
        try:
            _done(keys.MODEL_EXPORT, identifier, lambda: asked, pointer="?format")
        except Problem:
            store.models.get(model.id)  # 404 where it was deleted meanwhile
            raise
        size = store.blobs.size(path)
    if size is None:
        raise BlobMissingError(f"the blob store holds nothing under {path!r}")
    response.response = store.blobs.stream(path)
    response.content_length = size
    return response


@blueprint.get("/<model_id>/growth")
@operation(
    answers={200: Answer("The copies.", media={"application/octet-stream": BINARY}, etag=True)},
)
def get_growth(model_id: str) -> Response:
    """Read how the weights of a model's first layer grew: small copies of them, at the epochs that the model names.

    A safetensors file: `weights` (copies, units, inputs) are bytes, `scales` (copies,) what to multiply them with.
    """
    store = services().store
    model = store.models.get(store.aliases.resolve(model_id))
    if model.growth is None:
        raise NotFoundError("growth of the model", model.id)
    response = Response(store.blobs.get(growth_path(model.id)), content_type="application/octet-stream")
    response.set_etag(f"{model.id}-growth")
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response


def _filename(name: str) -> str:
    """A name that is one wherever it is kept."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "model"


def _done(
    kind: Kind,
    identifier: str,
    asked: Callable[[], BaseModel],
    *,
    pointer: str,
    let_go: Callable[[], None] = lambda: None,
) -> None:
    """Have a models worker do it, and wait for its end.

    Args:
        kind: of the work
        identifier: of its record
        asked: gives what is asked for
        pointer: to what is wrong where it cannot be done
        let_go: keeps nothing of what came with the request; while work goes on that needs it, it is left to the sweep

    Raises:
        Problem: 422 when the file or the format is not one that can be used, 504 when nobody did it in time.

    """
    records, settings = cast(WorkRecords, services().store.records(kind)), services().settings

    def write() -> tuple[WorkRecord, bool]:
        fields = records.fields(asked().model_dump())
        return records.add(fields, identifier=identifier, most_queued=settings.max_queued_jobs)

    submit(kind, identifier, write, undo=let_go)
    record: WorkRecord = wait_for_end(kind, identifier, settings.import_export_seconds)
    if not record.finished:
        record = records.cancel(identifier)
    if record.finished:
        let_go()
    if record.status == "succeeded":
        return
    if record.error is None:
        detail = f"no worker did it within {settings.import_export_seconds} s; /readyz tells of those of the queue "
        raise Problem(504, "Gateway timeout", f"{detail}{kind.queue}, which 'neurond worker {kind.queue}' starts")
    code, message = record.error["code"], record.error["message"]
    if code in {InvalidDataError.code, TooLargeError.code}:
        raise bad_input([{"pointer": pointer, "detail": message}])
    if code == BlobError.code:
        raise BlobError(message)
    raise Problem(500, "Internal error", message)
