"""The app behind a real port, and made to fail."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from worker.settings import Settings
from worker.store import Store


class Unreliable:
    """A WSGI app in front of another that fails as it is told."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.requests: list[tuple[str, str]] = []
        self.answers_lost = 0
        self.refusals = 0
        self.cut_after: list[int] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        self.requests.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if self.refusals:
            self.refusals -= 1
            start_response("503 Service Unavailable", [("Retry-After", "2"), ("Content-Type", "text/plain")])
            return [b"later"]
        answer = self.app(environ, start_response)
        if self.answers_lost:
            self.answers_lost -= 1
            list(answer)
            hang_up(environ)
        if environ.get("HTTP_ACCEPT") == "text/event-stream" and self.cut_after:
            return self._cut(environ, answer, self.cut_after.pop(0))
        return answer

    def _cut(self, environ: dict[str, Any], answer: Any, after: int) -> Iterator[bytes]:
        """Send so many parts of the answer, then hang up."""
        for number, part in enumerate(answer):
            if number == after:
                answer.close()
                hang_up(environ)
            yield part


def hang_up(environ: dict[str, Any]) -> None:
    environ["werkzeug.socket"].shutdown(2)
    raise ConnectionAbortedError


@pytest.fixture
def settings() -> Settings:
    return Settings(max_queued_jobs=1000)


@pytest.fixture
def server(app: Flask) -> Unreliable:
    return Unreliable(app)


@pytest.fixture
def url(server: Unreliable) -> Iterator[str]:
    http = make_server("127.0.0.1", 0, server, threaded=True)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{http.port}"
    http.shutdown()
    thread.join()
    http.server_close()


def finish(store: Store, job_id: str, *, epochs: int = 0) -> None:
    """Do what a worker would do that fails at the end."""
    claim = store.jobs.claim("worker", 10_000)
    for epoch in range(1, epochs + 1):
        told = {"epoch": epoch, "epochs": epochs, "train_loss": 1 / epoch, "samples_per_second": 1000.0}
        progress = {"epoch": epoch, "epochs": epochs, "step": 1, "steps": 1}
        progress |= {"samples_per_second": 1000.0, "eta_seconds": 0.0}
        store.jobs.report(claim, progress, {"train_loss": 1 / epoch}, told)
    store.jobs.finish(claim, "failed", error={"code": "diverged", "message": "too steep"})
