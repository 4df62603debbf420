"""The routes of a kind of work that a function runs: submitted, listed, followed, cancelled and deleted as jobs are.

They follow from the kind alone (`worker.work`): its name, and what it is asked for.
"""

import hashlib
from collections.abc import Callable
from typing import Any, Final, cast

from flask import Blueprint, Response
from pydantic import BaseModel

from api.gate.auth import own
from api.gate.quotas import begin
from api.http import json_response, whole_body
from api.openapi import Answer, Body, operation
from api.schemas import EventList, PageQuery
from api.schemas.common import ListOf
from api.schemas.events import EventsQuery
from api.schemas.jobs import SubmitHeaders
from api.schemas.work import Work
from api.services import services
from api.work import submit
from worker.store.records import new_id
from worker.store.work_records import WorkRecord, WorkRecords
from worker.work.kind import Kind

MAX_REQUEST_BYTES: Final = 256 * 1024
POLL_SECONDS: Final = "1"


class WorkList(ListOf[Work]):
    """A page of work of one kind."""


def blueprint_of(kind: Kind) -> Blueprint:
    """What can be done with work of this kind over HTTP: `/v1/{plural}`."""
    path = f"/v1/{kind.plural}"
    blueprint = Blueprint(kind.plural, kind.run.partition(":")[0], url_prefix=path)
    request = cast(type[BaseModel], kind.request)
    article = "an" if kind.noun[0] in "aeiou" else "a"

    def records() -> WorkRecords:
        return cast(WorkRecords, services().store.records(kind))

    def shape(record: WorkRecord) -> Work:
        return Work.of(record, kind.noun, path, records().children(record.id))

    def route(rule: str, method: str, verb: str, says: str, **stated: Any) -> Callable[[Callable[..., Response]], None]:
        """One view, under the operation's name that follows from the kind's."""

        def attach(view: Callable[..., Response]) -> None:
            if "body" in view.__annotations__:
                view.__annotations__["body"] = request
            view.__name__, view.__doc__ = f"{verb}_{kind.noun if verb != 'list' else kind.plural}", says
            blueprint.add_url_rule(rule, view_func=operation(**stated)(view), methods=[method])

        return attach

    @route(
        "",
        "POST",
        "create",
        f"Queue {article} {kind.noun}.\n\nThe same `Idempotency-Key` and body give the same one, however often sent.",
        body=Body(most_bytes=MAX_REQUEST_BYTES),
        errors=(409, 507),
        answers={202: Answer("It is queued.", Work, headers=("Location", "Retry-After"))},
    )
    def create(body: Any, headers: SubmitHeaders) -> Response:
        store, settings, sent = services().store, services().settings, headers.idempotency_key
        identifier = new_id(kind.prefix)

        def write() -> tuple[WorkRecord, bool]:
            begin(identifier)
            return records().add(
                records().fields(body.model_dump(mode="json")),
                identifier=identifier,
                most_queued=settings.max_queued_jobs,
                idempotency_key=None if sent is None else own(sent),
                fingerprint=hashlib.sha256(whole_body()).hexdigest(),
                idempotency_seconds=settings.idempotency_seconds,
            )

        record = submit(kind, identifier, write, undo=lambda: store.usage.discharge(identifier))
        response = json_response(shape(record), 202)
        response.headers["Location"] = f"{path}/{record.id}"
        response.headers["Retry-After"] = POLL_SECONDS
        return response

    @route(
        "",
        "GET",
        "list",
        f"List {kind.plural}, newest first.",
        errors=(404,),
        answers={200: Answer("A page.", WorkList)},
    )
    def page(query: PageQuery) -> Response:
        found = records().page(limit=query.limit, after=query.after)
        return json_response(WorkList(object="list", data=[*map(shape, found.data)], has_more=found.has_more))

    identified = f"/<{kind.noun}_id>"

    @route(identified, "GET", "get", f"Read {article} {kind.noun}.", answers={200: Answer("It.", Work, etag=True)})
    def get(**path: str) -> Response:
        record = records().get(*path.values())
        return json_response(shape(record), revision=record.revision)

    @route(
        f"{identified}/cancel",
        "POST",
        "cancel",
        "Ask for its end.\n\nOne that waits ends at once, with its children; a finished one comes back unchanged.",
        answers={200: Answer("It.", Work, etag=True)},
    )
    def cancel(**path: str) -> Response:
        record = records().cancel(*path.values())
        return json_response(shape(record), revision=record.revision)

    @route(
        identified,
        "DELETE",
        "delete",
        f"Delete {article} {kind.noun} that has ended. Before that it is 409.",
        errors=(409,),
        answers={204: Answer("It is gone.")},
    )
    def delete(**path: str) -> Response:
        [identifier] = path.values()
        records().delete_record(identifier, unless=("queued", "running", "waiting"))
        services().store.usage.discharge(identifier)
        return Response(status=204)

    @route(
        f"{identified}/events",
        "GET",
        "list_events_of",
        "Read what happened to it, oldest first.",
        answers={200: Answer("A page of events.", EventList)},
    )
    def events(query: EventsQuery, **path: str) -> Response:
        [identifier] = path.values()
        records().get(identifier)
        found = services().store.events.read(identifier, after=query.after, limit=query.limit + 1)
        return json_response(EventList(data=found[: query.limit], has_more=len(found) > query.limit))

    return blueprint
