"""`/v1/datasets`: what there is to learn from."""

from typing import cast

from flask import Blueprint, Response, request

from api.requests import DEFAULT_LIMIT, MAX_LIMIT, bad_parameter, json_response, whole_number
from worker.errors import NotFoundError
from worker.store.builtin import IMAGE_DATASETS, Split, samples

blueprint = Blueprint("datasets", __name__, url_prefix="/v1/datasets")


@blueprint.get("/<dataset>/samples")
def read_samples(dataset: str) -> Response:
    """Rows with their labels: `?split=train|test&offset=&limit=`."""
    if dataset not in IMAGE_DATASETS:
        raise NotFoundError("data set", dataset)
    for name in request.args.keys() - {"split", "offset", "limit"}:
        raise bad_parameter(name, "unknown parameter; expected one of limit, offset, split")
    split = request.args.get("split", "train")
    if split not in ("train", "test"):
        raise bad_parameter("split", f"expected 'train' or 'test', got {split!r}")
    offset = whole_number("offset", default=0, least=0, most=10**9)
    limit = whole_number("limit", default=DEFAULT_LIMIT, least=1, most=MAX_LIMIT)
    found = samples(dataset, cast(Split, split), offset=offset, limit=limit)
    return json_response({"data": [{"index": sample.index, "x": sample.x, "y": sample.y} for sample in found]})
