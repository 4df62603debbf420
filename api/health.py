"""Health is whether the process is up, and whether the service can do its work: `/healthz`, `/readyz`."""

import logging
from typing import Any

from flask import Blueprint, Response
from redis.exceptions import RedisError

from api.errors import unavailable
from api.http import json_response
from api.openapi import Answer, operation
from api.schemas import Alive, Ready
from api.services import services
from worker.work.kind import QUEUES

logger = logging.getLogger(__name__)

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@operation(access="public", answers={200: Answer("It answers.", Alive)})
def get_health() -> Response:
    """Say that this process answers, whatever the rest does."""
    return json_response(Alive(status="ok"))


@blueprint.get("/readyz")
@operation(access="public", errors=(503,), answers={200: Answer("It is ready.", Ready)})
def get_readiness() -> Response:
    """Say whether the service can do its work.

    It can when Redis takes writes, that of the records and that of the predictions, each queue has a worker, and the
    blob store keeps a small blob, which is tried every few seconds; else 503 says what is missing.
    """
    health = services().store.health
    checks: dict[str, Any] = {"redis": "not reached", "exchange": None, "workers": None}
    try:
        health.check()
        checks["workers"] = workers = health.workers(QUEUES)
        checks |= {"redis": "ok", "exchange": "not reached"}
        services().prediction_client.check()
        checks["exchange"] = "ok"
    except RedisError as error:
        whose = "Redis" if checks["redis"] != "ok" else "the Redis through which predictions pass"
        logger.warning("not ready: %s: %s", whose, error)
        raise unavailable(f"{whose} cannot be reached, or takes no writes", status_of=checks) from None
    idle = [queue for queue, seen in workers.items() if not seen]
    if idle:
        raise unavailable(
            f"no worker is at hand on the queue {' and '.join(idle)}: none was seen lately, or it is stuck; "
            "start one with 'neurond worker'",
            status_of=checks,
        )
    problem = services().probe.problem()
    if problem is not None:
        raise unavailable(problem, status_of=checks | {"blobs": "cannot be used"})
    return json_response(Ready(status="ready", redis="ok", exchange="ok", workers=workers, blobs="ok"))
