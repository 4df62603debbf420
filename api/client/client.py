"""The client: one method a call of the API."""

import os
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx

from api.client.connection import ONCE, Connection
from api.client.handles import FINISHED, Handle, Job, Model
from api.client.stream import follow_events
from api.schemas import Alias, Event, EventList, Prediction, Sample, SampleList

DEFAULT_URL: Final = "http://127.0.0.1:8000"

POLL_SECONDS: Final = 0.1
"""Often enough for a progress bar. Who only waits for the end asks every second, as the API's Retry-After says."""

PAGE: Final = 100

Kind = TypeVar("Kind", bound=Handle)


class Client:
    """One server's API."""

    def __init__(
        self,
        url: str | None = None,
        *,
        api_key: str | None = None,
        timeout: float = 60.0,
        patience: float = 30.0,
    ) -> None:
        """Nothing is sent before the first call.

        Args:
            url: where the server is; not given, `NEUROND_URL` says it, or it is on this machine
            api_key: not given, `NEUROND_API_KEY` says it
            timeout: seconds that one answer may take
            patience: seconds that a call may spend in pauses between tries; 0: no call is tried twice

        """
        self.url = url or os.environ.get("NEUROND_URL") or DEFAULT_URL
        key = api_key or os.environ.get("NEUROND_API_KEY")
        self._patience = patience
        self._connection = Connection(self.url, api_key=key, timeout=timeout, patience=patience)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._connection.http.close()

    def ready(self) -> bool:
        """Whether the service is there and can do its work, at this moment."""
        try:
            return self._connection.http.get("/readyz", extensions=dict(ONCE)).is_success
        except httpx.TransportError:
            return False

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
        return Job.by(self, self._send("GET", f"/v1/jobs/{job_id}"))

    def jobs(self, *, limit: int | None = None, **filters: Any) -> Iterator[Job]:
        """Jobs, newest first, page by page as they are asked for; `status="running"` keeps one state."""
        return self._pages("/v1/jobs", Job, limit, filters)

    def cancel(self, job_id: str) -> Job:
        """Ask for a job's end."""
        return Job.by(self, self._send("POST", f"/v1/jobs/{job_id}/cancel"))

    def follow(self, job_id: str, *, every: float = POLL_SECONDS, until: float | None = None) -> Iterator[Job]:
        """The job each time that it has changed, to its end; unchanged polls cost a 304.

        Args:
            every: seconds between two looks
            until: give up at this moment of `time.monotonic()`

        """
        etag = ""
        while True:
            response = self._send("GET", f"/v1/jobs/{job_id}", headers={"If-None-Match": etag} if etag else {})
            if response.status_code != httpx.codes.NOT_MODIFIED:
                job = Job.by(self, response)
                etag = response.headers["ETag"]
                yield job
                if job.status in FINISHED:
                    return
            if until is not None and time.monotonic() + every > until:
                return
            time.sleep(every)

    def events(self, job_id: str) -> list[Event]:
        """All events of a job until now."""
        events: list[Event] = []
        while True:
            after = {"after": events[-1].id} if events else {}
            response = self._send("GET", f"/v1/jobs/{job_id}/events", params={"limit": PAGE, **after})
            page = EventList.model_validate_json(response.content)
            events += page.data
            if not page.has_more:
                return events

    def stream(self, job_id: str, *, after: str | None = None) -> Iterator[Event]:
        """The events of a job as they come, each once, to its end, over as many connections as that takes."""
        return follow_events(self._connection, job_id, after=after, patience=max(self._patience, 1.0))

    def models(self, *, limit: int | None = None) -> Iterator[Model]:
        """Models, newest first."""
        return self._pages("/v1/models", Model, limit, {})

    def model(self, model_id: str) -> Model:
        """Read a model, by its ID or an alias."""
        return Model.by(self, self._send("GET", f"/v1/models/{model_id}"))

    def predict(self, model_id: str, inputs: Sequence[Sequence[float]]) -> Prediction:
        """Ask a model about rows, in the units of the data that it was trained on."""
        response = self._send("POST", f"/v1/models/{model_id}/predictions", json={"inputs": inputs})
        return Prediction.model_validate_json(response.content)

    def alias(self, name: str, model_id: str) -> Alias:
        """Let a name stand for a model from now on."""
        response = self._send("PUT", f"/v1/aliases/{name}", json={"model_id": model_id})
        return Alias.model_validate_json(response.content)

    def samples(self, dataset: str, *, split: str = "train", offset: int = 0, limit: int = PAGE) -> list[Sample]:
        """Rows of a data set, with their labels."""
        parameters: dict[str, str | int] = {"split": split, "offset": offset, "limit": limit}
        response = self._send("GET", f"/v1/datasets/{dataset}/samples", params=parameters)
        return SampleList.model_validate_json(response.content).data

    def _pages(self, path: str, kind: type[Kind], limit: int | None, filters: Mapping[str, Any]) -> Iterator[Kind]:
        """What a list holds, newest first, at most `limit`."""
        left = limit
        after: dict[str, str] = {}
        while left is None or left > 0:
            size = PAGE if left is None else min(left, PAGE)
            given = {name: value for name, value in filters.items() if value is not None}
            page = self._send("GET", path, params={**given, **after, "limit": size}).json()
            for answer in page["data"]:
                yield kind.by(self, answer)
            if not page["has_more"]:
                return
            after = {"after": page["data"][-1]["id"]}
            left = None if left is None else left - len(page["data"])

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self._connection.send(method, path, **options)
