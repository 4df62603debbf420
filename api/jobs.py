"""Jobs train networks: they are submitted, listed, followed and cancelled under `/v1/jobs`."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, Response, request

from api.dataset_summary import learnable_summary_of
from api.errors import bad_input
from api.gate.auth import own
from api.gate.quotas import begin
from api.http import json_response, whole_body
from api.openapi import Answer, Body, operation
from api.schemas import EventList, Job, JobList
from api.schemas.events import EventsHeaders, EventsQuery
from api.schemas.jobs import JobsQuery, SubmitHeaders
from api.services import services
from api.work import submit
from worker.errors import NotFoundError
from worker.failover.redis_errors import NotReplicatedError
from worker.jobspec import BUILT_IN_DATASETS, JobSpec
from worker.jobspec.compatibility import dataset_conflicts, unfit_teacher, unknown_classes
from worker.store import jobs as records
from worker.store import keys
from worker.store.models import Model
from worker.store.records import new_id

blueprint = Blueprint("jobs", __name__, url_prefix="/v1/jobs")

MAX_SPEC_BYTES: Final = 256 * 1024
POLL_SECONDS: Final = "1"

SPECS: Final = {
    "all defaults": {"dataset": "mnist"},
    "a network of your own": {
        "dataset": "mnist",
        "name": "wide",
        "seed": 42,
        "model": {"hidden_layers": [256], "activation": "relu", "dropout": 0.1},
        "training": {
            "epochs": 5,
            "optimizer": {"name": "adam", "learning_rate": 0.001},
            "schedule": {"name": "cosine"},
        },
    },
    "the article's network": {"dataset": "mnist", "preset": "article"},
}
"""Bodies that work, for the description."""


@blueprint.post("")
@operation(
    body=Body(examples=SPECS, most_bytes=MAX_SPEC_BYTES),
    errors=(409, 507),
    answers={202: Answer("The job, queued.", Job, headers=("Location", "Retry-After"), example="Job, queued")},
)
def create_job(body: JobSpec, headers: SubmitHeaders) -> Response:
    """Queue a training job.

    Every field but `dataset` has a default; the answer shows them all. With an `Idempotency-Key`, the same key and body
    give the same job, however often and however much at once they are sent; another body is 422.
    Two API keys never meet in one.
    """
    sent, fingerprint = headers.idempotency_key, hashlib.sha256(whole_body()).hexdigest()
    key = None if sent is None else own(sent)
    try:
        job = _queue(_suited_to_its_data(body), key, fingerprint)
    except NotReplicatedError:
        raise
    except Exception:
        # What an earlier request with this key was given stands, whatever has become of its data or quota since.
        made = None if key is None else services().store.jobs.made_by(key, fingerprint)
        if made is None:
            raise
        job = made
    response = _job_response(job, 202)
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    response.headers["Retry-After"] = POLL_SECONDS
    return response


def _queue(spec: JobSpec, key: str | None, fingerprint: str) -> records.Job:
    store, settings = services().store, services().settings
    identifier = new_id(keys.JOB.prefix)

    def write() -> tuple[records.Job, bool]:
        begin(identifier)
        return store.jobs.create(
            spec.model_dump(mode="json"),
            identifier=identifier,
            most_queued=settings.max_queued_jobs,
            idempotency_key=key,
            fingerprint=fingerprint,
            idempotency_seconds=settings.idempotency_seconds,
        )

    return submit(keys.JOB, identifier, write, undo=lambda: store.usage.discharge(identifier))


def _suited_to_its_data(spec: JobSpec) -> JobSpec:
    """The job, with defaults that suit its data set; one that cannot be trained on, or not in this way, is refused."""
    summary = _summary(spec.dataset)
    task, classes, shape = summary["task"], summary["classes"], summary["input_shape"]
    if summary.get("columns"):
        spec = spec.suited_to_tables()
    if "rows" in summary:
        spec = spec.sized_for(summary["rows"]["train"])
    misfits = list(dataset_conflicts(spec, task=task, classes=len(classes), input_shape=shape))
    misfits += unknown_classes(spec, task=task, classes=classes)
    if (wanted := spec.training.teacher) is not None:
        models = _named(wanted.models)
        architectures = [model.architecture for model in models]
        misfits += unfit_teacher(
            architectures, task=task, classes=classes, input_shape=shape, columns=summary.get("columns", ())
        )
        spec = spec.taught_by(wanted.model_copy(update={"models": [model.id for model in models]}))
    if misfits:
        raise bad_input([{"pointer": pointer, "detail": detail} for pointer, detail in misfits])
    return spec.with_task_defaults(task)


def _named(names: Sequence[str]) -> list[Model]:
    """The models that a job would learn from, by ID or alias."""
    store = services().store
    models, errors = [], []
    for place, name in enumerate(names):
        try:
            models.append(store.models.get(store.aliases.resolve(name)))
        except NotFoundError:
            detail = f"no such model, expected the ID of one or an alias, got {name!r}"
            errors.append({"pointer": f"#/training/teacher/models/{place}", "detail": detail})
    if errors:
        raise bad_input(errors)
    return models


def _summary(dataset: str) -> Mapping[str, Any]:
    try:
        return learnable_summary_of(dataset)
    except NotFoundError:
        detail = f"no such data set, expected {', '.join(BUILT_IN_DATASETS)} or the ID of one, got {dataset!r}"
        raise bad_input([{"pointer": "#/dataset", "detail": detail}]) from None


@blueprint.get("")
@operation(errors=(404,), answers={200: Answer("A page of jobs.", JobList)})
def list_jobs(query: JobsQuery) -> Response:
    """List jobs, newest first or by a figure: `?sort=-metrics.test_accuracy`.

    A job that is added meanwhile stands before the first page, and figures never change: `after` meets none twice and
    misses none. At most 10,000 jobs are looked at for a page; `next` says where the next one goes on.
    """
    store = services().store
    found = store.jobs.listing(query.sought, query.order, limit=query.limit, after=query.after)
    turns = store.queue_positions.of(job.id for job in found.data if job.status == "queued")
    data = [Job.of(job, turns.get(job.id)) for job in found.data]
    return json_response(JobList(data=data, has_more=found.has_more, next=found.next))


@blueprint.get("/<job_id>")
@operation(answers={200: Answer("The job.", Job, etag=True)})
def get_job(job_id: str) -> Response:
    """Read a job.

    Its ETag changes with its record and, while it waits, with its place in the queue.
    """
    return _job_response(services().store.jobs.get(job_id))


@blueprint.delete("/<job_id>")
@operation(errors=(409,), answers={204: Answer("It is gone.")})
def delete_job(job_id: str) -> Response:
    """Delete a job that has ended, with its events. While it waits or runs it is 409: cancel it first.

    Its model stays, and still names it; its curves are gone.
    """
    store = services().store
    store.jobs.delete(job_id)
    store.usage.discharge(job_id)
    return Response(status=204)


@blueprint.post("/<job_id>/cancel")
@operation(answers={200: Answer("The job.", Job, etag=True, example="Job, to be cancelled")})
def cancel_job(job_id: str) -> Response:
    """Ask for a job's end.

    A queued job ends at once, a running one at its next batch; a finished one comes back unchanged.
    """
    store = services().store
    job = store.jobs.cancel(job_id)
    if job.finished and job.started_at is None:
        store.usage.discharge(job_id)  # no worker will make a model of it
    return _job_response(job)


def _job_response(job: records.Job, status: int = 200) -> Response:
    """The job under its ETag. The place of one that waits changes without its record."""
    turn = services().store.queue_positions.of([job.id]).get(job.id) if job.status == "queued" else None
    revision = f"{job.revision}" if turn is None else f"{job.revision}-{turn.position}-{turn.starts_in_seconds}"
    return json_response(Job.of(job, turn), status, revision=revision)


@blueprint.get("/<job_id>/events")
@operation(
    answers={
        200: Answer(
            "A page of events, or the stream.",
            EventList,
            media={"text/event-stream": {"type": "string", "description": "`id`, `event`, and an Event as `data`"}},
        )
    },
)
def list_events(job_id: str, query: EventsQuery, headers: EventsHeaders) -> Response:
    """Read or follow what happened to a job.

    A page, oldest first; with `Accept: text/event-stream` a live stream that goes on after `Last-Event-ID` (or
    `?after=`), says so every 15 seconds when nothing happens, and ends with `event: done`.
    """
    after = headers.last_event_id or query.after
    store = services().store
    job = store.jobs.get(job_id)
    if request.accept_mimetypes.best_match(["application/json", "text/event-stream"]) == "text/event-stream":
        return services().streams.open(job, after)
    found = store.events.read(job_id, after=after, limit=query.limit + 1)
    return json_response(EventList(data=found[: query.limit], has_more=len(found) > query.limit))
