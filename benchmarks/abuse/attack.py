"""What an attack is: a function that is let loose on a target, and what should bound it."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

SECONDS: Final = 10.0
"""How long an attack goes on at most; what it still waits for then is given up."""

CLEAN_SECONDS: Final = 30.0
CLEANERS: Final = 8
LEAST_SECONDS: Final = 0.1
CLIENTS: Final = 100
"""Connections that the calls of one attack share."""
READ, FULL = "read-only", "full"


@dataclass(frozen=True)
class Attack:
    """One row of `benchmarks.abuse.attacks`: what is sent, with which key, and what should bound it."""

    name: str
    run: Callable[["Target"], None]
    bound: str
    key: str = READ
    refused: bool = False
    """Whether every request of it must be refused."""
    seconds: float = SECONDS
    heard: int | None = None
    """A status that it must have heard, or it was not let loose on what it is aimed at."""


@dataclass
class Target:
    """The service as its attacker sees it, and what was sent and heard."""

    url: str
    model: str
    """A model of MNIST, which others ask meanwhile."""
    job: str
    """A job that runs for as long as the benchmark does."""
    open_url: str
    """Another API process over the same store, without keys, as compose runs it."""
    key: str
    seconds: float = SECONDS
    deadline: float | None = None
    """When it is over; the time begins with the first thing that is sent, not with its making."""
    client: httpx.Client = field(default_factory=lambda: httpx.Client(limits=httpx.Limits(max_connections=CLIENTS)))
    sent: int = 0
    heard: Counter[int] = field(default_factory=Counter)
    """Status → answers; 0: no answer."""
    made: list[str] = field(default_factory=list)
    """Paths of what was made, and is to be deleted."""

    @property
    def left(self) -> float:
        """Seconds that are left; the first to ask begins."""
        if self.deadline is None:
            self.deadline = time.monotonic() + self.seconds
        return max(self.deadline - time.monotonic(), 0.0)

    def again(self) -> None:
        """Let the next thing that is sent begin another round."""
        self.deadline = None

    @property
    def headers(self) -> dict[str, str]:
        """Who the attacker is."""
        return {"Authorization": f"Bearer {self.key}"}

    @property
    def predictions(self) -> str:
        """Where the model is asked."""
        return f"/v1/models/{self.model}/predictions"

    def request(self, method: str, path: str, body: bytes | None = None, **options: Any) -> httpx.Response | None:
        """Send a request while there is time, and wait for its answer as long; None where there is none."""
        if not self.left:
            return None
        headers = self.headers | options.pop("headers", {})
        try:
            url, waits = httpx.URL(self.url).join(path), max(self.left, LEAST_SECONDS)
            request = self.client.build_request(method, url, content=body, headers=headers, timeout=waits, **options)
            self.sent += int(request.headers.get("Content-Length", 0))
            answer = self.client.send(request)
        except httpx.TransportError:
            self.heard[0] += 1
            return None
        self.heard[answer.status_code] += 1
        if answer.is_success and "Location" in answer.headers:
            self.made.append(httpx.URL(answer.headers["Location"]).path)
        return answer

    def predict(self, body: bytes, media: str = "application/json", **headers: str) -> httpx.Response | None:
        """Ask the model."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("POST", self.predictions, body, headers={"Content-Type": media, **named})

    def upload(self, file: bytes, name: str) -> httpx.Response | None:
        """Send a file as a data set."""
        return self.request("POST", "/v1/datasets", files={"file": (name, file)})

    def wait(self) -> None:
        """Let the service work on what it took, while there is time."""
        time.sleep(self.left)

    def at_once(self, calls: Iterable[Callable[[], Any]], clients: int = 8) -> None:
        """Make all these calls, from so many clients at a time."""
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(lambda call: call() if self.left else None, calls))

    def clean(self) -> None:
        """Delete what was made, as its owner may."""
        deadline = time.monotonic() + CLEAN_SECONDS

        def delete(path: str) -> None:
            url = httpx.URL(self.url).join(path)
            try:
                if path.startswith("/v1/jobs/"):
                    self.client.post(f"{url}/cancel", headers=self.headers)
                while (
                    self.client.delete(url, headers=self.headers).status_code == httpx.codes.CONFLICT  # it runs
                    and time.monotonic() < deadline
                ):
                    time.sleep(LEAST_SECONDS)
            except httpx.TransportError:
                pass  # what stays is seen

        with ThreadPoolExecutor(CLEANERS) as pool:
            list(pool.map(lambda path: delete(path) if time.monotonic() < deadline else None, self.made))
        self.client.close()
