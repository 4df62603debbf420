"""The other client, in a process of its own: it asks for predictions and lists while the service is attacked."""

import multiprocessing
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.synchronize import Event, Semaphore
from typing import Any, Final, Self

import httpx

PREDICTIONS_A_SECOND: Final = 20
READS_A_SECOND: Final = 5
TIMEOUT_SECONDS: Final = 10.0
SERVER_ERROR: Final = 500
NEEDED: Final = 100
"""Answers of which a 99th percentile can be told; of fewer it is the slowest."""


@dataclass(frozen=True)
class Seen:
    """What became of the other client's requests; seconds, from the moment when each was due."""

    predictions: int
    p99_seconds: float
    slowest_seconds: float
    errors: int
    """5xx, and requests without an answer, of predictions and of reads."""


class Witness:
    """The other client, for as long as the block runs."""

    def __init__(self, url: str, key: str, predictions: str, row: list[float]) -> None:
        context = multiprocessing.get_context("spawn")
        self._over = context.Event()
        self._ours, theirs = context.Pipe(duplex=False)
        self._answered = context.Semaphore(0)
        asked = (url, key, predictions, row, self._over, self._answered, theirs)
        self._process = context.Process(target=_watch, args=asked, daemon=True)
        self._seen = 0

    def __enter__(self) -> Self:
        self._process.start()
        self._ours.recv()  # it asks
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def saw_enough(self) -> bool:
        """Whether a percentile can be told of what it saw until now."""
        while self._answered.acquire(block=False):
            self._seen += 1
        return self._seen >= NEEDED

    def seen(self) -> Seen:
        """What it saw, once the block is over."""
        seconds, errors = self._ours.recv()
        self._process.join()
        many = len(seconds) >= NEEDED
        p99 = statistics.quantiles(seconds, n=100, method="inclusive")[-1] if many else max(seconds, default=0.0)
        return Seen(len(seconds), p99, max(seconds, default=0.0), errors)


def _watch(url: str, key: str, predictions: str, row: list[float], over: Event, answered: Semaphore, out: Any) -> None:
    seconds: list[float] = []
    errors: list[str] = []
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=TIMEOUT_SECONDS) as client:

        def predict() -> httpx.Response:
            answer = client.post(predictions, json={"inputs": [row]})
            answered.release()
            return answer

        def read() -> httpx.Response:
            return client.get("/v1/models?limit=1")

        def keep(ask: Callable[[], httpx.Response], rate: float, taken: list[float]) -> None:
            due = time.monotonic()
            while not over.is_set():
                try:
                    answer = ask()
                    if answer.status_code >= SERVER_ERROR:
                        errors.append(answer.text)
                except httpx.TransportError as error:
                    errors.append(repr(error))
                now = time.monotonic()
                taken.append(now - due)
                due = max(due + 1 / rate, now)  # one that was held back is counted once, with all of its delay
                over.wait(due - now)

        threads = [
            threading.Thread(target=keep, args=(predict, PREDICTIONS_A_SECOND, seconds)),
            threading.Thread(target=keep, args=(read, READS_A_SECOND, [])),
        ]
        predict()
        out.send("ready")
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    out.send((seconds, len(errors)))
