"""`/v1/aliases`: names that stand for a model wherever its ID may stand."""

import re
from typing import Annotated, Final

from flask import Blueprint, Response
from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError

from api import representations
from api.context import context
from api.errors import Problem, bad_input, from_validation
from api.requests import json_body, json_response, page_arguments
from worker.errors import NotFoundError
from worker.store.aliases import PATTERN, Alias
from worker.store.records import MODEL_PREFIX

blueprint = Blueprint("aliases", __name__, url_prefix="/v1/aliases")

MAX_BODY_BYTES: Final = 4096


class AliasSpec(BaseModel):
    """The body of `PUT /v1/aliases/{name}`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model_id: Annotated[StrictStr, Field(max_length=100, description="the model that the name stands for from now on")]


@blueprint.put("/<name>")
def point(name: str) -> Response:
    """Make a name stand for a model from now on: 201 for a new name, 200 for one that stood for something before."""
    if re.fullmatch(PATTERN, name) is None or name.startswith(MODEL_PREFIX):
        raise Problem(
            422,
            "Invalid input",
            f"alias: expected up to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit, "
            f"and not with {MODEL_PREFIX!r}, got {name!r}",
        )
    _, document = json_body(most_bytes=MAX_BODY_BYTES)
    try:
        spec = AliasSpec.model_validate(document)
    except ValidationError as error:
        raise from_validation(error, AliasSpec, document) from None
    try:
        alias, new = context().store.aliases.point(name, spec.model_id)
    except NotFoundError as error:
        raise bad_input([{"pointer": "#/model_id", "detail": str(error)}]) from None
    return _alias_response(alias, 201 if new else 200)


@blueprint.get("/<name>")
def read(name: str) -> Response:
    """One alias: the model that it stands for now."""
    return _alias_response(context().store.aliases.get(name))


@blueprint.delete("/<name>")
def delete(name: str) -> Response:
    """Let a name stand for nothing: 204."""
    context().store.aliases.delete(name)
    return Response(status=204)


@blueprint.get("")
def page() -> Response:
    """Aliases, the newest name first."""
    limit, after = page_arguments()
    found = context().store.aliases.page(limit=limit, after=after)
    return json_response(representations.page(found, representations.alias))


def _alias_response(alias: Alias, status: int = 200) -> Response:
    return json_response(representations.alias(alias), status, revision=alias.revision)
