"""`/v1/models`: what was trained."""

from flask import Blueprint, Response

from api import representations
from api.context import context
from api.requests import json_response, page_arguments

blueprint = Blueprint("models", __name__, url_prefix="/v1/models")


@blueprint.get("")
def page() -> Response:
    """Models, newest first."""
    limit, after = page_arguments()
    found = context().store.models.page(limit=limit, after=after)
    return json_response(representations.page(found, representations.model))


@blueprint.get("/<model_id>")
def read(model_id: str) -> Response:
    """One model, by its ID or an alias: its architecture, classes, metrics, and where it came from."""
    store = context().store
    model = store.models.get(store.aliases.resolve(model_id))
    return json_response(representations.model(model), revision=f"{model.id}-{model.revision}")
