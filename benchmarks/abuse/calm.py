"""Before and after an attack: whether the service answers as it does when nobody attacks it."""

import os
import subprocess
import time
from types import TracebackType
from typing import Final, Self

import httpx

from api.local import embedded
from benchmarks.faults.service import NEUROND, Service, free_port

CALM_SECONDS: Final = 15.0
START_SECONDS: Final = 120.0
IN_TIME_SECONDS: Final = 0.5
IN_A_ROW: Final = 3


def until_calm(url: str, headers: dict[str, str], row: list[float]) -> bool:
    """Whether predictions are answered in time, some in a row, before long."""
    deadline, good = time.monotonic() + CALM_SECONDS, 0
    with httpx.Client(headers=headers, timeout=5) as client:
        while good < IN_A_ROW and time.monotonic() < deadline:
            begun = time.monotonic()
            try:
                answered = client.post(url, json={"inputs": [row]}).is_success
            except httpx.TransportError:
                answered = False
            in_time = answered and time.monotonic() - begun < IN_TIME_SECONDS
            good = good + 1 if in_time else 0
            if not in_time:
                time.sleep(0.2)
    return good == IN_A_ROW


class OpenApi:
    """An API process without keys over the same store, as compose runs it, while the block runs."""

    def __init__(self, service: Service) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        plain = {name: value for name, value in os.environ.items() if not name.startswith("NEUROND_")}
        self._environment = plain | {
            "NEUROND_REDIS_URL": embedded.socket_url(service.folder),
            "NEUROND_EXCHANGE_URL": embedded.socket_url(service.folder, embedded.EXCHANGE),
            "NEUROND_BLOB_URL": f"file://{service.folder / 'blobs'}",
            "NEUROND_API_WORKERS": "1",
            "NEUROND_LOG_LEVEL": "error",
        }
        self._command = [*NEUROND, "api", "--port", str(port), "--insecure"]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, env=self._environment)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                if httpx.get(f"{self.url}/healthz", timeout=2).is_success:
                    return self
            except httpx.TransportError:
                time.sleep(0.1)
            if time.monotonic() > deadline or self._process.poll() is not None:
                self._process.kill()
                raise SystemExit("an API without keys does not start")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(30)
