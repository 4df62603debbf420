"""Records: as many as may be, as large as may be."""

import itertools
import json
import secrets
from typing import Final

from benchmarks.abuse.attack import Target

JSON: Final = {"Content-Type": "application/json"}


def jobs_withdrawn(target: Target) -> None:
    """Jobs as large as they may be, each with an Idempotency-Key, submitted and cancelled."""
    spec = {
        "dataset": "mnist",
        "name": "\U0001d54f" * 200,
        "metadata": {f"{number:02}" + "\U0001d54f" * 38: "\U0001d54f" * 500 for number in range(16)},
        "model": {"layers": [{"type": "dense", "units": 1}] * 100},
    }
    body = json.dumps(spec, ensure_ascii=False).encode()

    def submit() -> None:
        answer = target.request("POST", "/v1/jobs", body, headers=JSON | {"Idempotency-Key": secrets.token_hex(16)})
        if answer is not None and answer.is_success:
            target.request("POST", f"{answer.headers['Location']}/cancel")

    target.at_once([submit] * 2000, clients=4)


def unknown_fields(target: Target) -> None:
    """A job with 20,000 fields that there are not."""
    body = json.dumps({"dataset": "mnist"} | {f"epocs{number}": 1 for number in range(20_000)}).encode()
    target.at_once([lambda: target.request("POST", "/v1/jobs", body, headers=JSON)] * 20, clients=2)


def long_lists(target: Target) -> None:
    """The longest pages of every list, as often as they are answered."""
    paths = itertools.cycle(["/v1/jobs?limit=100", "/v1/models?limit=100", "/v1/datasets?limit=100", "/metrics"])
    calls = [lambda path=path: target.request("GET", path) for path in itertools.islice(paths, 3000)]
    target.at_once(calls, clients=16)


def wrong_keys(target: Target) -> None:
    """A key is guessed, 16 at a time."""

    def guess() -> None:
        target.request("GET", "/v1/models", headers={"Authorization": f"Bearer {secrets.token_hex(16)}"})

    target.at_once([guess] * 3000, clients=16)


def rebinding(target: Target) -> None:
    """A web page under a name of its own, which leads to this machine, submits a job to an API without keys."""
    headers = JSON | {"Host": "evil.example", "Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}
    for _ in range(5):
        target.request("POST", f"{target.open_url}/v1/jobs", b'{"dataset":"mnist"}', headers=headers)
