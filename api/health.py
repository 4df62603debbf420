"""`/healthz` and `/readyz`: is the process up, and can the service do its work."""

from flask import Blueprint, Response
from redis.exceptions import RedisError

from api.context import context
from api.errors import unavailable
from api.openapi import Answer, operation
from api.requests import json_response
from api.schemas import Alive, Ready
from worker.queue import QUEUES

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@operation(access="public", answers={200: Answer("It answers.", Alive)})
def healthz() -> Response:
    """Say that this process answers, whatever the rest does."""
    return json_response(Alive(status="ok"))


@blueprint.get("/readyz")
@operation(access="public", errors=(503,), answers={200: Answer("It is ready.", Ready)})
def readyz() -> Response:
    """Say whether the service can do its work.

    It can when Redis is reached, each queue has a worker, and the blob store keeps a small blob, which is tried every
    few seconds; else 503 says what is missing.
    """
    store = context().store
    try:
        workers = {queue: len(store.workers.names(queue)) for queue in QUEUES}
    except RedisError:
        checks = {"redis": "not reached", "workers": None}
        raise unavailable("Redis cannot be reached", status_of=checks) from None
    idle = [queue for queue, seen in workers.items() if not seen]
    if idle:
        raise unavailable(
            f"no worker was seen lately on the queue {' and '.join(idle)}; start one with 'neurond worker'",
            status_of={"redis": "ok", "workers": workers},
        )
    problem = context().probe.problem()
    if problem is not None:
        raise unavailable(problem, status_of={"redis": "ok", "workers": workers, "blobs": "cannot be used"})
    return json_response(Ready(status="ready", redis="ok", workers=workers, blobs="ok"))
