"""`/v1/datasets`: what there is to learn from."""

from flask import Blueprint, Response

from api.openapi import Answer, operation
from api.requests import json_response, query
from api.schemas import Sample, SampleList, SamplesQuery
from worker.errors import NotFoundError
from worker.store.builtin import IMAGE_DATASETS, samples

blueprint = Blueprint("datasets", __name__, url_prefix="/v1/datasets")


@blueprint.get("/<dataset_id>/samples")
@operation(query=SamplesQuery, answers={200: Answer("The rows.", SampleList)})
def read_samples(dataset_id: str) -> Response:
    """Read rows of a data set, with their labels."""
    asked = query(SamplesQuery)
    if dataset_id not in IMAGE_DATASETS:
        raise NotFoundError("data set", dataset_id)
    found = samples(dataset_id, asked.split, offset=asked.offset, limit=asked.limit)
    return json_response(SampleList(data=[Sample.of(sample) for sample in found]))
