"""Workers are the processes that train and predict: `/v1/workers`."""

from flask import Blueprint, Response

from api.http import json_response
from api.openapi import Answer, operation
from api.schemas import WorkerList
from api.services import services
from worker.work.kind import QUEUES

blueprint = Blueprint("workers", __name__, url_prefix="/v1/workers")


@blueprint.get("")
@operation(answers={200: Answer("The workers.", WorkerList)})
def list_workers() -> Response:
    """List the workers that were seen lately, with what each runs now."""
    return json_response(WorkerList(data=services().store.workers.seen(QUEUES)))
