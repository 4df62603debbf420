"""What must hold when the faults are over and the jobs have ended."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import accumulate
from typing import Any, Final

import httpx

from benchmarks.faults.load import Ledger
from benchmarks.faults.service import Service
from worker.store import keys

FINISHED: Final = ("succeeded", "failed", "cancelled")
SWEPT_SECONDS: Final = 90.0
"""How long after the last job nothing may be left over: an idle worker sweeps every minute."""


def listed(service: Service, path: str) -> Iterator[dict[str, Any]]:
    """All records of a list, page by page."""
    after: dict[str, str] = {}
    while True:
        page = httpx.get(service.url + path, params={"limit": "100", **after}, timeout=10).raise_for_status().json()
        yield from page["data"]
        if not page["has_more"]:
            return
        after = {"after": page["data"][-1]["id"]}


def events(service: Service, job_id: str) -> list[dict[str, Any]]:
    """All events of a job, oldest first."""
    found: list[dict[str, Any]] = []
    while True:
        after = {"after": found[-1]["id"]} if found else {}
        page = httpx.get(f"{service.url}/v1/jobs/{job_id}/events", params={"limit": "100", **after}, timeout=10).json()
        found += page["data"]
        if not page["has_more"]:
            return found


def check(service: Service, ledger: Ledger, references: Mapping[int, str], earlier: set[str]) -> dict[str, Any]:
    """Compare the ledger with what came out. `earlier` are jobs that were there before the faults."""
    jobs = {job["id"]: job for job in listed(service, "/v1/jobs") if job["id"] not in earlier}
    models = {model["id"]: model for model in listed(service, "/v1/models") if model["job_id"] not in earlier}
    wrong: list[str] = []

    def expect(condition: bool, otherwise: str) -> None:
        if not condition:
            wrong.append(otherwise)

    expect(jobs.keys() == ledger.accepted.keys(), f"accepted and found: {jobs.keys() ^ ledger.accepted.keys()}")
    of_job = Counter(model["job_id"] for model in models.values())
    resumed = stale = 0
    for job in jobs.values():
        name, status = job["id"], job["status"]
        expect(status in FINISHED, f"{name} has not ended: {status}")
        expect(of_job[name] == (status == "succeeded"), f"{name} {status} has {of_job[name]} models")
        expect((job["error"] is not None) == (status == "failed"), f"{name} {status}: {job['error']}")
        told = events(service, name)
        ends = [event["event"] for event in told if event["event"] in FINISHED]
        expect(ends == [status], f"{name} {status} ended {ends}")
        out_of_order = _out_of_order(told)
        expect(not out_of_order, f"{name}: {[event['data'].get('epoch', event['event']) for event in told]}")
        stale += out_of_order
        again = sum(event["event"] == "running" for event in told) > 1
        if status == "succeeded":
            resumed += again
            sha256 = models[job["model_id"]]["sha256"]
            expect(sha256 == references[ledger.accepted[name]], f"{name}: other weights than an undisturbed run")
            stored = (service.folder / "blobs" / "models" / f"{job['model_id']}.safetensors").read_bytes()
            expect(hashlib.sha256(stored).hexdigest() == sha256, f"{name}: the stored weights are not those recorded")
    expect(stale == 0, f"{stale} writes of stale owners were accepted")
    overtaken = _overtaken(list(jobs.values()))
    expect(not overtaken, f"begun before jobs that had come before them: {overtaken}")
    wrong += _left_over(service, {model["id"] for model in listed(service, "/v1/models")})
    return {
        "accepted": len(ledger.accepted),
        **{status: sum(job["status"] == status for job in jobs.values()) for status in FINISHED},
        "failed_with": dict(Counter(job["error"]["code"] for job in jobs.values() if job["error"])),
        "models": len(models),
        "begun_more_than_once": sum(job["attempt"] > 1 for job in jobs.values()),
        "resumed_and_equal": resumed,
        "stale_writes_accepted": stale,
        "stale_writes_refused": _log_lines(service, "write refused"),
        "answered_503": ledger.refused,
        "unanswered": ledger.unanswered,
        "wrong": wrong,
    }


def _overtaken(newest_first: list[dict[str, Any]]) -> list[str]:
    """Jobs that were begun before one that had come before them; one that was put back has begun once."""
    begun = [job for job in reversed(newest_first) if job["started_at"] is not None]
    moments = [datetime.fromisoformat(job["started_at"]) for job in begun]
    latest = accumulate(moments, max)
    return [job["id"] for job, moment, last in zip(begun, moments, latest, strict=True) if moment < last]


def _out_of_order(told: list[dict[str, Any]]) -> int:
    """Epochs that were told while nobody owned the job, or twice, or after its end."""
    running, last, wrong = False, 0, 0
    for event in told:
        if event["event"] == "epoch":
            wrong += not running or event["data"]["epoch"] != last + 1
            last = event["data"]["epoch"]
        elif event["event"] != "cancel_requested":
            running = event["event"] == "running"
    return wrong


def _left_over(service: Service, models: set[str]) -> list[str]:
    """What nobody needs any more, once the sweeper has had its time."""
    deadline = time.monotonic() + SWEPT_SECONDS
    while True:
        blobs = [path for path in (service.folder / "blobs").rglob("*") if path.is_file()]
        nobodys = [path for path in blobs if path.parent.name != "models" or path.stem not in models]
        left = {
            "blobs without a record": len(nobodys),
            "leases": service.redis.zcard(keys.JOB.leases),
            "drafts": service.redis.hlen(keys.PENDING_BLOBS),
        }
        wrong = [f"{count} {what} are left over" for what, count in left.items() if count]
        if not wrong or time.monotonic() > deadline:
            return wrong
        time.sleep(1)


def _log_lines(service: Service, event: str) -> int:
    """How often the training workers logged this."""
    found = 0
    for path in (service.folder / "logs").glob("worker-train*.log"):
        for line in path.read_text(errors="replace").splitlines():
            if line.startswith("{") and event in line:
                try:
                    found += json.loads(line).get("event") == event
                except ValueError:
                    continue  # a line that a full disk has cut
    return found
