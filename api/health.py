"""`/healthz` and `/readyz`: is the process up, and can the service do its work."""

from flask import Blueprint, Response
from redis.exceptions import RedisError

from api.context import context
from api.errors import unavailable
from api.requests import json_response
from worker.queue import QUEUES

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 while this process answers, whatever the rest does."""
    return json_response({"status": "ok"})


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 when Redis is reached and each queue has a worker, else 503 that says what is missing."""
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
    return json_response({"status": "ready", "redis": "ok", "workers": workers})
