"""A client of the HTTP API, for programs and for the command line."""

import time
from collections.abc import Iterator
from typing import Any, Final, Self

import httpx

FINISHED: Final = frozenset({"succeeded", "failed", "cancelled"})

POLL_SECONDS: Final = 0.1
"""Often enough for a progress bar. Who only waits for the end asks every second, as the API's Retry-After says."""


class ApiError(Exception):
    """Raised when the API answers with a problem; `status` and `problem` are what it said."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        details = "; ".join(f"{error['pointer']}: {error['detail']}" for error in problem.get("errors", []))
        super().__init__(details or problem.get("detail") or f"HTTP status {status}")
        self.status = status
        self.problem = problem


class Client:
    """One server's API."""

    def __init__(self, url: str, *, api_key: str | None = None, timeout: float = 60.0) -> None:
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ready(self) -> bool:
        """Whether the service is there and can do its work."""
        try:
            return self._http.get("/readyz").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def submit(self, spec: dict[str, Any]) -> dict[str, Any]:
        """Queue a training job.

        Raises:
            ApiError: the API refused it.
        """
        return self._json(self._http.post("/v1/jobs", json=spec))

    def job(self, job_id: str) -> dict[str, Any]:
        """Read a job."""
        return self._json(self._http.get(f"/v1/jobs/{job_id}"))

    def cancel(self, job_id: str) -> dict[str, Any]:
        """Ask for a job's end."""
        return self._json(self._http.post(f"/v1/jobs/{job_id}/cancel"))

    def follow(self, job_id: str, *, every: float = POLL_SECONDS) -> Iterator[dict[str, Any]]:
        """The job each time that it has changed, to its end; unchanged polls cost a 304."""
        etag = ""
        while True:
            response = self._http.get(f"/v1/jobs/{job_id}", headers={"If-None-Match": etag} if etag else {})
            if response.status_code != httpx.codes.NOT_MODIFIED:
                job = self._json(response)
                etag = response.headers["ETag"]
                yield job
                if job["status"] in FINISHED:
                    return
            time.sleep(every)

    def events(self, job_id: str) -> list[dict[str, Any]]:
        """All events of a job until now."""
        events: list[dict[str, Any]] = []
        while True:
            after = {"after": events[-1]["id"]} if events else {}
            page = self._json(self._http.get(f"/v1/jobs/{job_id}/events", params={"limit": 100, **after}))
            events += page["data"]
            if not page["has_more"]:
                return events

    def model(self, model_id: str) -> dict[str, Any]:
        """Read a model."""
        return self._json(self._http.get(f"/v1/models/{model_id}"))

    def predict(self, model_id: str, inputs: list[list[float]]) -> dict[str, Any]:
        """Ask a model about rows, in the units of the data that it was trained on."""
        return self._json(self._http.post(f"/v1/models/{model_id}/predictions", json={"inputs": inputs}))

    def samples(self, dataset: str, *, split: str, offset: int, limit: int) -> list[dict[str, Any]]:
        """Rows of a data set, with their labels."""
        parameters: dict[str, str | int] = {"split": split, "offset": offset, "limit": limit}
        answer = self._json(self._http.get(f"/v1/datasets/{dataset}/samples", params=parameters))
        data: list[dict[str, Any]] = answer["data"]
        return data

    def _json(self, response: httpx.Response) -> dict[str, Any]:
        if response.is_success:
            body: dict[str, Any] = response.json()
            return body
        try:
            problem = response.json()
        except ValueError:
            problem = {"detail": f"HTTP status {response.status_code}"}
        raise ApiError(response.status_code, problem)
