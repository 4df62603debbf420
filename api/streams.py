"""Server-sent events: a job followed live (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

import logging
import threading
from collections.abc import Iterator
from typing import Final

from flask import Response
from redis.exceptions import RedisError

from api.errors import unavailable
from api.schemas import Event
from worker.errors import NotFoundError
from worker.store import Store
from worker.store import events as records
from worker.store.jobs import Job

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS: Final = 15.0


class Streams:
    """The event streams that this process keeps open, up to a limit: each costs a greenlet and a socket."""

    def __init__(self, store: Store, *, most: int) -> None:
        self._store = store
        self._most = most
        self._free = threading.BoundedSemaphore(most)

    def open(self, job: Job, after: str | None) -> Response:
        """The events of a job after the ID `after`, as they come, until the job's end.

        Raises:
            Problem: 503, the limit of open streams is reached.

        """
        if not self._free.acquire(blocking=False):
            raise unavailable(
                f"{self._most} event streams are open already; read the events page by page", retry_after=5
            )
        response = Response(_follow(self._store, job, after), content_type="text/event-stream")
        response.call_on_close(self._free.release)
        response.headers["X-Accel-Buffering"] = "no"
        return response


def _follow(store: Store, job: Job, after: str | None) -> Iterator[bytes]:
    """A job that has ended has all its events; one that has not is followed up to its last."""
    yield b"retry: 1000\n\n"
    try:
        if not job.finished:
            for event in store.events.follow(job.id, after=after, seconds=HEARTBEAT_SECONDS):
                if event is not None:
                    after = event.id
                    yield _line(event)
                    continue
                yield b": still there\n\n"
                if _is_over(store, job.id):  # its end may lie before the event that was asked for
                    break
        for event in store.events.all(job.id, after=after):
            yield _line(event)
        yield b"event: done\ndata: {}\n\n"
    except RedisError as error:
        # The status line has gone out long ago; the client connects again after its last event.
        logger.warning("stream of job %s ends early: %s", job.id, error)


def _line(event: records.Event) -> bytes:
    return f"id: {event.id}\nevent: {event.event}\ndata: {Event.model_validate(event).model_dump_json()}\n\n".encode()


def _is_over(store: Store, job_id: str) -> bool:
    try:
        return store.jobs.get(job_id).finished
    except NotFoundError:
        return True
