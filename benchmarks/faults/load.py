"""The load: small jobs that a patient client submits, and the ledger of what was promised to it."""

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from benchmarks.faults.service import Service

SPECS: Final[list[dict[str, Any]]] = [
    {
        "dataset": "mnist",
        "seed": number,
        "model": {"hidden_layers": [24], "dropout": 0.1 * (number % 2)},
        "training": {"epochs": 6, "batch_size": 128, "validation_split": 0.5, "optimizer": {"name": optimizer}},
    }
    for number, optimizer in enumerate(["sgd", "adam", "rmsprop", "sgd", "adam", "adamw"])
]
"""A few seconds each; between them they have momentum, dropout, and two moments to carry over."""

CANCELLED_SHARE: Final = 0.1
RETRY_SECONDS: Final = 0.3


@dataclass
class Ledger:
    """What was promised: job ID → which spec; and what was asked in vain."""

    accepted: dict[str, int] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    refused: int = 0
    unanswered: int = 0


class Load(threading.Thread):
    """Submits so many jobs over so many seconds, each with a key of its own, until each is answered with 202."""

    def __init__(self, service: Service, *, jobs: int, seconds: float, seed: int) -> None:
        super().__init__(name="load", daemon=True)
        self.ledger = Ledger()
        self._service = service
        self._jobs = jobs
        self._pause = seconds / jobs
        self._rng = random.Random(f"load {seed}")
        self._seed = seed

    def run(self) -> None:
        """Submit them all; a client waits while the service is away, and never gives up."""
        begun = time.monotonic()
        for number in range(self._jobs):
            time.sleep(max(0.0, begun + number * self._pause - time.monotonic()))
            spec = self._rng.randrange(len(SPECS))
            cancel = self._rng.random() < CANCELLED_SHARE
            body = self._ask("/v1/jobs", json=SPECS[spec], headers={"Idempotency-Key": f"{self._seed}-{number}"})
            self.ledger.accepted[body["id"]] = spec
            if cancel:
                time.sleep(self._rng.random())
                self._ask(f"/v1/jobs/{body['id']}/cancel")
                self.ledger.cancelled.add(body["id"])

    def _ask(self, path: str, **options: Any) -> dict[str, Any]:
        while True:
            try:
                response = httpx.post(self._service.url + path, timeout=10, **options)
            except httpx.TransportError:
                self.ledger.unanswered += 1
            else:
                if response.is_success:
                    answer: dict[str, Any] = response.json()
                    return answer
                if response.status_code not in {httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.CONFLICT}:
                    raise SystemExit(f"{path} was answered {response.status_code}: {response.text}")
                self.ledger.refused += 1
            time.sleep(RETRY_SECONDS)
