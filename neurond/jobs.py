"""Calls of `/v1/jobs`."""

import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from neurond.answers import Event, EventList
from neurond.calls import PAGE, POLL_SECONDS, Calls, address
from neurond.handles import FINISHED, Job
from neurond.stream import follow_events


class JobCalls(Calls):
    """Submit, read, follow and cancel jobs."""

    def submit(
        self, spec: Mapping[str, Any] | None = None, *, idempotency_key: str | None = None, **fields: Any
    ) -> Job:
        """Queue a training job: `submit({"dataset": "mnist"})`, or `submit(dataset="mnist", seed=1)`.

        Args:
            spec: the body of `POST /v1/jobs`
            idempotency_key: not given, one is drawn, so that a lost answer does not make a second job
            fields: of the spec; they go before those of `spec`

        Raises:
            ApiError: the API refused it.

        """
        headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}
        return Job.by(self, self._send("POST", "/v1/jobs", json={**(spec or {}), **fields}, headers=headers))

    def job(self, job_id: str) -> Job:
        """Read a job."""
        return Job.by(self, self._send("GET", address("jobs", job_id)))

    def jobs(self, *, limit: int | None = None, **filters: Any) -> Iterator[Job]:
        """Jobs, newest first, at most `limit`; `status="running"` keeps one state."""
        return self._pages("/v1/jobs", Job, limit, **filters)

    def delete_job(self, job_id: str) -> None:
        """Delete a job that has ended; its model stays."""
        self._send("DELETE", address("jobs", job_id))

    def cancel(self, job_id: str) -> Job:
        """Ask for a job's end."""
        return Job.by(self, self._send("POST", address("jobs", job_id, "cancel")))

    def follow(self, job_id: str, *, every: float = POLL_SECONDS, until: float | None = None) -> Iterator[Job]:
        """The job each time that it has changed, to its end; unchanged polls cost a 304.

        Args:
            every: seconds between two looks
            until: give up at this moment of `time.monotonic()`

        """
        etag = ""
        while True:
            response = self._send("GET", address("jobs", job_id), headers={"If-None-Match": etag} if etag else {})
            if response.status_code != httpx.codes.NOT_MODIFIED:
                job = Job.by(self, response)
                etag = response.headers["ETag"]
                yield job
                if job.status in FINISHED:
                    return
            if until is not None and time.monotonic() + every > until:
                return
            time.sleep(every)

    def events(self, job_id: str, *, after: str | None = None) -> list[Event]:
        """The events of a job until now, those after the ID `after`."""
        events: list[Event] = []
        while True:
            place = {"after": after} if after else {}
            response = self._send("GET", address("jobs", job_id, "events"), params={"limit": PAGE, **place})
            page = EventList.model_validate_json(response.content)
            events += page.data
            if not page.has_more:
                return events
            after = events[-1].id

    def stream(self, job_id: str, *, after: str | None = None) -> Iterator[Event]:
        """The events of a job as they come, each once, to its end, over as many connections as that takes."""
        return follow_events(self._connection, job_id, after=after, patience=max(self._patience, 1.0))
