"""Aliases are names that stand for a model wherever its ID may stand: `/v1/aliases`."""

import re
from typing import Final

from flask import Blueprint, Response

from api.errors import Problem, bad_input
from api.http import json_response
from api.openapi import Answer, Body, operation
from api.schemas import Alias, AliasList, PageQuery
from api.schemas.aliases import AliasSpec
from api.services import services
from worker.errors import NotFoundError
from worker.store import aliases as records
from worker.store.records import MODEL_PREFIX

blueprint = Blueprint("aliases", __name__, url_prefix="/v1/aliases")

MAX_BODY_BYTES: Final = 4096


@blueprint.put("/<string:name>")
@operation(
    body=Body(examples={"a model": {"model_id": "model_7b1e0d9c8f7a6b5c4d3e2f10"}}, most_bytes=MAX_BODY_BYTES),
    answers={
        200: Answer("The alias: it stood for something before.", Alias, etag=True),
        201: Answer("The alias: the name is new.", Alias, etag=True),
    },
)
def put_alias(name: str, body: AliasSpec) -> Response:
    """Make a name stand for a model from now on, in one step."""
    if re.fullmatch(records.PATTERN, name) is None or name.startswith(MODEL_PREFIX):
        raise Problem(
            422,
            "Invalid input",
            f"alias: expected up to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit, "
            f"and not with {MODEL_PREFIX!r}, got {name!r}",
        )
    try:
        alias, new = services().store.aliases.point(name, body.model_id)
    except NotFoundError as error:
        raise bad_input([{"pointer": "#/model_id", "detail": str(error)}]) from None
    return _alias_response(alias, 201 if new else 200)


@blueprint.get("/<string:name>")
@operation(answers={200: Answer("The alias.", Alias, etag=True)})
def get_alias(name: str) -> Response:
    """Read an alias: the model that it stands for now."""
    return _alias_response(services().store.aliases.get(name))


@blueprint.delete("/<string:name>")
@operation(answers={204: Answer("The name stands for nothing.")})
def delete_alias(name: str) -> Response:
    """Let a name stand for nothing."""
    services().store.aliases.delete(name)
    return Response(status=204)


@blueprint.get("")
@operation(errors=(404,), answers={200: Answer("A page of aliases.", AliasList)})
def list_aliases(query: PageQuery) -> Response:
    """List aliases, the newest name first."""
    found = services().store.aliases.page(limit=query.limit, after=query.after)
    return json_response(AliasList.model_validate(found))


def _alias_response(alias: records.Alias, status: int = 200) -> Response:
    return json_response(Alias.model_validate(alias), status, revision=alias.revision)
