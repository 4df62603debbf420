"""The catalogue has what a job may ask for, and what is measured: `/v1/catalogue`."""

import gzip
from functools import cache
from typing import Any

import orjson
from flask import Blueprint, Response

from api.assets import Asset
from api.openapi import Answer, operation
from api.page import send
from api.schemas.catalogue import CatalogueTables
from worker.jobspec import CATALOGUE, PRESETS, JobSpec

blueprint = Blueprint("catalogue", __name__, url_prefix="/v1/catalogue")


@blueprint.get("")
@operation(access="public", answers={200: Answer("The catalogue.", CatalogueTables, etag=True)})
def get_catalogue() -> Response:
    """Read what a job may ask for: every layer, loss, optimizer, schedule and preset, with its options and defaults.

    The page makes its form of it. It changes with the version alone.
    """
    return send(_written(), "no-cache")


@cache
def _written() -> Asset:
    body = orjson.dumps(
        {"object": "catalogue"} | CATALOGUE | {"presets": {name: _preset(name) for name in PRESETS}},
        option=orjson.OPT_APPEND_NEWLINE,
    )
    return Asset("application/json", body, gzip.compress(body, mtime=0))


def _preset(name: str) -> dict[str, Any]:
    config = JobSpec.model_validate({"dataset": "mnist", "preset": name}).model_dump(mode="json")
    return PRESETS[name] | {"config": {part: config[part] for part in ("model", "training")}}
