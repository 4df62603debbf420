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
    """One model: its architecture, classes, metrics, and where it came from."""
    model = context().store.models.get(model_id)
    return json_response(representations.model(model), revision=model.revision)
