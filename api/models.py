"""`/v1/models`: what was trained."""

from flask import Blueprint, Response, request

from api.context import context
from api.openapi import BINARY, Answer, operation
from api.requests import json_response, query
from api.schemas import ExportQuery, Model, ModelList, PageQuery
from worker.store.blobs import model_path

blueprint = Blueprint("models", __name__, url_prefix="/v1/models")


@blueprint.get("")
@operation(query=PageQuery, errors=(404,), answers={200: Answer("A page of models.", ModelList)})
def page() -> Response:
    """List models, newest first."""
    asked = query(PageQuery)
    found = context().store.models.page(limit=asked.limit, after=asked.after)
    return json_response(ModelList.of(found, Model.of))


@blueprint.get("/<model_id>")
@operation(answers={200: Answer("The model.", Model, etag=True)})
def read(model_id: str) -> Response:
    """Read a model, by its ID or an alias: its architecture, classes, metrics, and where it came from."""
    store = context().store
    model = store.models.get(store.aliases.resolve(model_id))
    return json_response(Model.of(model), revision=f"{model.id}-{model.revision}")


@blueprint.get("/<model_id>/export")
@operation(
    query=ExportQuery,
    answers={
        200: Answer(
            "The file.", media={"application/octet-stream": BINARY}, headers=("Content-Disposition",), etag=True
        )
    },
)
def export(model_id: str) -> Response:
    """Take a model away: its weights, with its architecture inside the file."""
    asked, store = query(ExportQuery), context().store
    model = store.models.get(store.aliases.resolve(model_id))
    response = Response(store.blobs.get(model_path(model.id)), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{model.id}.{asked.format}"'
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(model.sha256)
    response.make_conditional(request)
    return response
