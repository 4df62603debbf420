"""`/v1/jobs`: submit, list, read, cancel and follow training jobs."""

import hashlib
import logging
from typing import Any, Final, cast, get_args

from flask import Blueprint, Response, current_app, request
from kombu.exceptions import OperationalError
from pydantic import ValidationError

from api import representations
from api.context import context
from api.errors import Problem, bad_input, from_validation
from api.requests import bad_parameter, json_body, json_response, page_arguments
from api.streams import event_stream
from worker.spec import BUILT_IN_DATASETS, JobSpec
from worker.store.jobs import Job, Status

logger = logging.getLogger(__name__)

blueprint = Blueprint("jobs", __name__, url_prefix="/v1/jobs")

MAX_SPEC_BYTES: Final = 256 * 1024
MAX_KEY_CHARACTERS: Final = 255
POLL_SECONDS: Final = "1"


@blueprint.post("")
def submit() -> Response:
    """Queue a training job: 202 with the job, its address in `Location`.

    The record is written first and the worker woken then: should the wake-up be lost, a reaper sends it again.
    """
    body, document = json_body(most_bytes=MAX_SPEC_BYTES)
    spec = _validated(document)
    idempotency_key = request.headers.get("Idempotency-Key")
    if idempotency_key is not None and not 1 <= len(idempotency_key) <= MAX_KEY_CHARACTERS:
        raise Problem(
            400,
            "Bad header",
            f"Idempotency-Key: expected 1 to {MAX_KEY_CHARACTERS} characters, got {len(idempotency_key)}",
        )
    store, queue, settings = context().store, context().queue, context().settings
    job, new = store.jobs.create(
        spec.model_dump(mode="json"),
        most_queued=settings.max_queued_jobs,
        idempotency_key=idempotency_key,
        fingerprint=hashlib.sha256(body).hexdigest(),
        idempotency_seconds=settings.idempotency_seconds,
    )
    if new:
        try:
            queue.send_train(job.id)
            store.jobs.mark_sent([job.id])
        except OperationalError as error:
            logger.warning("job %s: the wake-up was not sent, a reaper will: %s", job.id, error)
    response = json_response(representations.job(job), 202)
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    response.headers["Retry-After"] = POLL_SECONDS
    return response


def _validated(document: Any) -> JobSpec:
    try:
        spec = JobSpec.model_validate(document)
    except ValidationError as error:
        raise from_validation(error, JobSpec, document) from None
    if spec.dataset not in BUILT_IN_DATASETS:
        detail = f"no such data set, expected one of {', '.join(BUILT_IN_DATASETS)}, got {spec.dataset!r}"
        raise bad_input([{"pointer": "#/dataset", "detail": detail}])
    return spec


@blueprint.get("")
def page() -> Response:
    """Jobs, newest first; `?status=` keeps those in one state."""
    limit, after = page_arguments("status")
    status = request.args.get("status")
    if status is not None and status not in get_args(Status):
        raise bad_parameter("status", f"expected one of {', '.join(get_args(Status))}, got {status!r}")
    found = context().store.jobs.page(limit=limit, after=after, status=cast(Status | None, status))
    return json_response(representations.page(found, representations.job))


@blueprint.get("/<job_id>")
def read(job_id: str) -> Response:
    """One job, under an ETag that changes with its record."""
    return _job_response(context().store.jobs.get(job_id))


@blueprint.post("/<job_id>/cancel")
def cancel(job_id: str) -> Response:
    """Ask for the job's end; a finished job comes back unchanged."""
    return _job_response(context().store.jobs.cancel(job_id))


def _job_response(job: Job) -> Response:
    return json_response(representations.job(job), revision=job.revision)


@blueprint.get("/<job_id>/events")
def events(job_id: str) -> Response:
    """What happened to the job: a page, or with `Accept: text/event-stream` a stream that follows it to its end."""
    store = context().store
    job = store.jobs.get(job_id)
    limit, after = page_arguments()
    after = request.headers.get("Last-Event-ID") or after
    if after is not None and not _is_event_id(after):
        raise bad_parameter("after", f"expected the ID of an event, got {after!r}")
    if request.accept_mimetypes.best_match(["application/json", "text/event-stream"]) == "text/event-stream":
        return event_stream(current_app.logger, store, job.id, after)
    found = store.events.read(job_id, after=after, limit=limit + 1)
    data = [representations.event(event) for event in found[:limit]]
    return json_response({"object": "list", "data": data, "has_more": len(found) > limit})


def _is_event_id(text: str) -> bool:
    first, dash, second = text.partition("-")
    return len(text) < 40 and bool(dash) and all(part.isascii() and part.isdigit() for part in (first, second))
