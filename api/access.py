"""Access is what the caller's key allows, so that nobody is offered what would be refused: `/v1/access`."""

from flask import Blueprint, Response, g

from api.http import json_response
from api.openapi import Answer, operation
from api.schemas import KeyAccess

blueprint = Blueprint("access", __name__, url_prefix="/v1/access")


@blueprint.get("")
@operation(answers={200: Answer("What it allows.", KeyAccess)})
def get_access() -> Response:
    """Tell what the key that is sent allows; where there are no keys, everything."""
    reads_only = g.get("reads_only", False)
    return json_response(KeyAccess(object="access", access="read" if reads_only else "full"))
