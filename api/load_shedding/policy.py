"""Predictions are refused while this process is behind: early (`api.load_shedding.early`), or before the app sees them.

It is behind when the limit of requests already wait for their answers; when many do, and one has waited too long (the
more there are, the sooner); or when requests come faster than they are begun, so that the process is late for
everything and few may wait. Once it has refused one it catches up: for a while fewer may wait. A refusal
costs a fraction of an answer, so those who were let in are answered in time, and the rest hear at once that they should
come again.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import orjson

from api.errors import PROBLEM_JSON, PROTOCOL
from api.gate.headers import SECURITY_HEADERS
from api.prediction_client import PredictionClient
from worker.store.metrics import Metrics

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

MODELS: Final = ("/v1/models/", "/v2/models/")
ENDINGS: Final = ("/predictions", "/infer")

TICK_SECONDS: Final = 0.02
IDLE_SECONDS: Final = 0.1
ENOUGH_WAITING: Final = 96
"""When fewer wait, it is not their number that keeps them waiting."""
MANY_WAITING: Final = 128
"""Queue length × oldest wait is capped: this many requests at the full time limit, twice as many at half of it."""
ENOUGH_BEGUN: Final = 128
"""When fewer were begun during a delay, the delay is not their fault."""
LATE_PART: Final = 1 / 5
"""Of the time that a request may wait: it is late when it is begun, when it is passed on, and when it is answered."""
FEW_WAITING: Final = 8
"""Requests that a process which is late still lets in, or the workers would stand idle while it catches up."""

CATCHING_UP: Final = 3 / 5
CALM_SECONDS: Final = 1.0
"""After a rejection the queue limit is reduced to CATCHING_UP of it for CALM_SECONDS."""

STATUS: Final = "503 SERVICE UNAVAILABLE"
RETRY_SECONDS: Final = 1
DETAIL: Final = "more predictions wait than can be answered in time; try again in a moment"


class Shedding:
    """A WSGI application before another one."""

    def __init__(self, app: WSGI, client: PredictionClient, metrics: Metrics, *, most_seconds: float) -> None:
        """`most_seconds`: how long a request may wait, or the process be late, before more requests are refused."""
        self._app = app
        self._client = client
        self._metrics = metrics
        self._most_seconds = most_seconds
        self._late = 0.0
        self._flooded = False
        self._calm_at = 0.0
        self._begun = 0
        self._pid = 0
        self._starting = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer, or have the request answered."""
        path: str = environ.get("PATH_INFO", "")
        if not _asked(environ.get("REQUEST_METHOD"), path):
            return self._app(environ, start_response)
        if self._pid != os.getpid():
            self._start()
        self._begun += 1
        if not self._behind():
            return self._app(environ, start_response)
        time.sleep(0)  # under gevent: others first, or one busy connection would have this process to itself
        body, headers = self._refusal(path)
        start_response(STATUS, headers)
        return [body]

    def reject_early(self, method: str, path: str) -> bytes | None:
        """The whole answer to a request that is refused; None when it is to be taken in."""
        if not _asked(method, path) or self._pid != os.getpid() or not self._behind():
            return None
        self._begun += 1
        body, headers = self._refusal(path)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        return f"HTTP/1.1 {STATUS}\r\n{lines}\r\n".encode() + body

    def _refusal(self, path: str) -> tuple[bytes, list[tuple[str, str]]]:
        """Body and headers; it is counted like any answer."""
        self._metrics.http_requests.labels("POST", _route(path), "503").inc()
        self._calm_at = time.monotonic() + CALM_SECONDS
        protocol = path.startswith(PROTOCOL)
        problem = {
            "type": "urn:neurond:problem:service-unavailable",
            "title": "Service unavailable",
            "status": 503,
            "detail": DETAIL,
            "instance": path,
        }
        body = orjson.dumps({"error": DETAIL} if protocol else problem)
        return body, [
            ("Content-Type", "application/json" if protocol else PROBLEM_JSON),
            ("Content-Length", str(len(body))),
            ("Retry-After", str(RETRY_SECONDS)),
            *SECURITY_HEADERS.items(),
        ]

    def _behind(self) -> bool:
        client = self._client
        waiting = client.waiting
        if self._flooded:
            return waiting >= FEW_WAITING
        if waiting >= client.most_waiting:
            return True
        part = 1.0 if time.monotonic() > self._calm_at else CATCHING_UP
        if waiting < ENOUGH_WAITING * part:
            return False
        seconds = client.longest_wait + 2 * self._late  # a late process begins late, and answers late
        return waiting * seconds > MANY_WAITING * self._most_seconds * part

    def _start(self) -> None:
        with self._starting:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                threading.Thread(target=self._tick, name="shedding", daemon=True).start()

    def _tick(self) -> None:
        """Measure how late this process is: the time that a short sleep takes too long, while requests come."""
        while True:
            if not self._begun:
                self._late, self._flooded = 0.0, False
                time.sleep(IDLE_SECONDS)
                continue
            self._begun, slept = 0, time.monotonic()
            time.sleep(TICK_SECONDS)
            self._late = time.monotonic() - slept - TICK_SECONDS
            self._flooded = self._begun >= ENOUGH_BEGUN and self._late > self._most_seconds * LATE_PART


def _asked(method: str | None, path: str) -> bool:
    """Whether this asks for a prediction."""
    return method == "POST" and path.startswith(MODELS) and path.endswith(ENDINGS)


def _route(path: str) -> str:
    """The route as metrics name it: without the IDs, which would be labels without bounds."""
    if path.startswith(PROTOCOL):
        version = "/versions/{model_version}" if "/versions/" in path else ""
        return f"{PROTOCOL}/models/{{model}}{version}/infer"
    return "/v1/models/{model_id}/predictions"
