"""`/v1/models`: what was trained."""

from flask import Blueprint, Response

from api.context import context
from api.openapi import Answer, operation
from api.requests import json_response, query
from api.schemas import Model, ModelList, PageQuery

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
