"""Predictions under pressure: twice the load that can be borne, a training beside them, and a model that is not loaded.

The load comes from `wrk` at a steady pace (`paced.lua`), from many clients that know nothing of each other.
"""

import re
import shutil
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks.machine import median
from neurond import Client

PACED: Final = Path(__file__).parent / "paced.lua"
CLIENTS: Final = 512
"""So many that one seldom still waits for its answer when its next request is due."""
FEW_CLIENTS: Final = 16
RAMP_SECONDS: Final = 1
"""In which `paced.lua` opens connections."""
TIMEOUT_SECONDS: Final = 3
EASY_PART: Final = 0.25
LATE_SECONDS: Final = 0.25
JSON: Final = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Service:
    """Whom to ask: the service's address, the URL of the predictions of one of its models, and a file with a body."""

    base: str
    url: str
    body: Path


@dataclass
class Heard:
    """The answers to a load: seconds of each by status, and how many requests had none in time."""

    seconds: dict[int, list[float]] = field(default_factory=dict)
    lost: int = 0

    def p99_ms(self, status: int) -> float:
        """Of the answers with this status; NaN without one."""
        found = self.seconds.get(status, [])
        return statistics.quantiles(found, n=100)[-1] * 1e3 if len(found) > 1 else float("nan")

    def count(self, status: int) -> int:
        """How many answers had this status."""
        return len(self.seconds.get(status, []))

    @property
    def errors(self) -> int:
        """Requests that were neither answered nor refused."""
        return self.lost + sum(len(found) for status, found in self.seconds.items() if status not in {200, 503})


@cache
def _first() -> tuple[str, ...]:
    """Before a command: let it have a processor at once, where that is allowed.

    Clients are elsewhere; one that waits for a processor that the service is using would count that as the service's
    delay, and ask less than it should.
    """
    command = ("chrt", "--rr", "1")
    if shutil.which("chrt") and subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
        return command
    return ()


def load(service: Service, *, rate: float, clients: int, seconds: int) -> Heard:
    """So many requests a second, from so many clients."""
    own = [str(service.body), f"{rate / clients:.4f}", str(clients)]
    command = [
        *_first(),
        "wrk",
        f"-t{clients}",
        f"-c{clients}",
        f"-d{RAMP_SECONDS + seconds}s",
        f"--timeout={TIMEOUT_SECONDS}s",
    ]
    said = subprocess.run(
        [*command, "-s", str(PACED), service.url, "--", *own], capture_output=True, text=True, check=True
    ).stdout
    heard = Heard()
    for status, milliseconds in re.findall(r"^(\d{3}) ([\d.]+)$", said, re.MULTILINE):
        heard.seconds.setdefault(int(status), []).append(float(milliseconds) / 1e3)
    for line in re.findall(r"Socket errors: (.*)", said):
        heard.lost += sum(map(int, re.findall(r"\d+", line)))
    return heard


def measure(service: Service, *, sustainable: float, rounds: int, seconds: int) -> dict[str, Any]:
    """All three; `sustainable` is what the service answers in a second to clients that wait for their answers."""
    with Client(service.base) as client:
        return {
            "sustainable_rate": sustainable,
            "overload": [_overload(service, 2 * sustainable, seconds) for _ in range(rounds)],
            "training": _beside_training(service, client, EASY_PART * sustainable, rounds, seconds),
            "cold": [_cold(service, client) for _ in range(rounds)],
        }


def _overload(service: Service, rate: float, seconds: int) -> dict[str, float]:
    heard = load(service, rate=rate, clients=CLIENTS, seconds=seconds)
    recovered = _recovery(service)
    return {
        "offered_rate": rate,
        "asked_rate": sum(map(len, heard.seconds.values())) / seconds,
        "accepted_rate": heard.count(200) / seconds,
        "accepted_p99_ms": heard.p99_ms(200),
        "refused_rate": heard.count(503) / seconds,
        "refused_p99_ms": heard.p99_ms(503),
        "errors": heard.errors,
        "recovery_seconds": recovered,
    }


def _recovery(service: Service) -> float:
    """After a load: when the last answer came to a lone client that was none, or late."""
    begun, bad = time.monotonic(), 0.0
    body = service.body.read_bytes()
    with httpx.Client(timeout=10, headers=JSON) as client:
        while time.monotonic() - begun < 3:
            asked = time.monotonic()
            answer = client.post(service.url, content=body)
            now = time.monotonic()
            if answer.status_code != 200 or now - asked > LATE_SECONDS:
                bad = now - begun
    return bad


def _beside_training(service: Service, client: Client, rate: float, rounds: int, seconds: int) -> list[dict[str, Any]]:
    """The same easy load, without and with a training job, in turn."""
    found = []
    for _ in range(rounds):
        idle = load(service, rate=rate, clients=FEW_CLIENTS, seconds=seconds)
        job = client.submit({"dataset": "mnist", "training": {"epochs": 10_000}})
        try:
            while client.job(job["id"])["progress"]["epoch"] < 1:
                time.sleep(0.1)
            busy = load(service, rate=rate, clients=FEW_CLIENTS, seconds=seconds)
        finally:
            client.cancel(job["id"])
            *_, _ = client.follow(job["id"])
        found.append(
            {
                "rate": rate,
                "idle_p99_ms": idle.p99_ms(200),
                "training_p99_ms": busy.p99_ms(200),
                "ratio": busy.p99_ms(200) / idle.p99_ms(200),
                "epochs": client.job(job["id"])["progress"]["epoch"],
                "errors": idle.errors + busy.errors + idle.count(503) + busy.count(503),
            }
        )
    return found


def _cold(service: Service, client: Client) -> dict[str, float]:
    """The first request to a model that no worker has loaded, and the second."""
    *_, job = client.follow(client.submit({"dataset": "mnist", "training": {"epochs": 1}})["id"])
    url = f"{service.base}/v1/models/{job['model_id']}/predictions"
    body = service.body.read_bytes()
    milliseconds = []
    with httpx.Client(timeout=30, headers=JSON) as asking:
        asking.post(service.url, content=body).raise_for_status()
        for _ in range(2):
            begun = time.perf_counter()
            asking.post(url, content=body).raise_for_status()
            milliseconds.append((time.perf_counter() - begun) * 1e3)
    return {"first_ms": milliseconds[0], "second_ms": milliseconds[1]}


def lines(figures: dict[str, Any]) -> list[str]:
    """The figures in sentences, medians over the rounds."""

    def middle(part: str, name: str) -> float:
        return median([one[name] for one in figures[part]])

    errors = sum(one["errors"] for part in ("overload", "training") for one in figures[part])
    overload = (
        f"\nTwice the load that can be borne ({figures['sustainable_rate']:,.0f}/s with 32 clients), from {CLIENTS} "
        f"clients: {middle('overload', 'accepted_rate'):,.0f}/s answered, p99 "
        f"{middle('overload', 'accepted_p99_ms'):.0f} ms; {middle('overload', 'refused_rate'):,.0f}/s refused with "
        f"503, p99 {middle('overload', 'refused_p99_ms'):.0f} ms; {errors:.0f} without an answer; the last late answer "
        f"{middle('overload', 'recovery_seconds'):.1f} s after it."
    )
    training = (
        f"\nA quarter of that load: p99 {middle('training', 'idle_p99_ms'):.1f} ms; while a job trains "
        f"{middle('training', 'training_p99_ms'):.1f} ms, {middle('training', 'ratio'):.1f} times."
    )
    cold = (
        f"\nThe first request to a model that is not loaded: {middle('cold', 'first_ms'):.1f} ms, the second "
        f"{middle('cold', 'second_ms'):.1f} ms."
    )
    return [overload, training, cold]
