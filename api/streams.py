"""Server-sent events: a job followed live (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

import time
from collections.abc import Iterator
from logging import Logger
from typing import Final

from flask import Response
from redis.exceptions import RedisError

from api.schemas import Event
from worker.store import Store

HEARTBEAT_SECONDS: Final = 15.0


def event_stream(logger: Logger, store: Store, job_id: str, after: str | None) -> Response:
    """The events of a job after the ID `after`, as they come, until the job's end."""
    response = Response(_follow(logger, store, job_id, after), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _follow(logger: Logger, store: Store, job_id: str, after: str | None) -> Iterator[bytes]:
    sent = time.monotonic()
    yield b"retry: 1000\n\n"
    try:
        while True:
            for event in store.events.wait(job_id, after=after):
                after, sent = event.id, time.monotonic()
                data = Event.of(event).model_dump_json()
                yield f"id: {event.id}\nevent: {event.event}\ndata: {data}\n\n".encode()
                if event.last:
                    yield f"id: {event.id}\nevent: done\ndata: {{}}\n\n".encode()
                    return
            if time.monotonic() - sent > HEARTBEAT_SECONDS:
                sent = time.monotonic()
                yield b": still there\n\n"
                job = store.jobs.get(job_id)
                if job.finished and not store.events.read(job_id, after=after, limit=1):
                    yield b"event: done\ndata: {}\n\n"
                    return
    except RedisError as error:
        # The status line has gone out long ago; the client connects again after its last event.
        logger.warning("stream of job %s ends early: %s", job_id, error)
