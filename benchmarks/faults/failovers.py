"""Failovers: a real Redis with a replica and Sentinels loses its master again and again, under jobs and predictions.

The whole service runs over it, and is told to have each step on a replica before it answers (NEUROND_REDIS_REPLICAS).
Every job that was accepted must be there afterwards and have ended once; predictions must be answered again soon after
there is a new master, by the processes that were there before.
"""

import random
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks.faults.checks import FINISHED, events, listed
from benchmarks.faults.sentinels import REPLICAS, Cluster, wait_until
from benchmarks.faults.service import Service, children, free_port
from worker.store.connection import connect

ROWS: Final = b"a,b,y\n" + b"".join(b"%d,%d,%d\n" % (row % 7, row % 5, row % 2) for row in range(200))
TRAINING: Final = {"seed": 1, "model": {"hidden_layers": [8]}, "training": {"epochs": 2}}
"""A job of some milliseconds."""
JOB_PAUSE_SECONDS: Final = 0.5
PREDICTION_PAUSE_SECONDS: Final = 0.05
CUT_SECONDS: Final = 25.0
AFTER_SECONDS: Final = 3.0
"""How long a round goes on once master and replicas are as they should be."""
END_SECONDS: Final = 300.0
CANCELLED_SHARE: Final = 0.1


class ServiceBehindSentinels(Service):
    """The service whose records, queues and predictions are in the cluster."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        environment = {
            "NEUROND_REDIS_URL": cluster.url,
            "NEUROND_REDIS_REPLICAS": str(REPLICAS),
            "NEUROND_LEASE_SECONDS": "5",
            "NEUROND_TRAIN_THREADS": "1",
        }
        super().__init__(folder, free_port(), train_workers=2, environment=environment)
        self.redis = connect(cluster.url)

    def everyone(self) -> set[int]:
        """The processes of the service."""
        mains = self.processes("")
        return {*mains, *(child for main in mains for child in children(main))}


class Submits(threading.Thread):
    """Submits jobs, each with a key of its own until it is accepted, and cancels some of them."""

    def __init__(self, service: Service, spec: dict[str, Any], seed: str) -> None:
        super().__init__(name="submits", daemon=True)
        self._spec = spec
        self.accepted: list[str] = []
        self.answers: Counter[int] = Counter()
        self.over = threading.Event()
        self._service = service
        self._seed = seed
        self._rng = random.Random(seed)

    def run(self) -> None:
        """Go on until it is over."""
        number = 0
        while not self.over.wait(JOB_PAUSE_SECONDS):
            number += 1
            answer = self._ask("/v1/jobs", json=self._spec, headers={"Idempotency-Key": f"{self._seed}-{number}"})
            if answer is not None:
                self.accepted.append(answer["id"])
                if self._rng.random() < CANCELLED_SHARE:
                    self._ask(f"/v1/jobs/{answer['id']}/cancel")

    def _ask(self, path: str, **options: Any) -> dict[str, Any] | None:
        """The answer, once there is one that accepts; None when it is over before."""
        while True:
            try:
                response = httpx.post(self._service.url + path, timeout=10, **options)
            except httpx.TransportError:
                self.answers[0] += 1
            else:
                self.answers[response.status_code] += 1
                if response.is_success:
                    answer: dict[str, Any] = response.json()
                    return answer
            if self.over.wait(0.1):
                return None


class Asks(threading.Thread):
    """Asks a model again and again, and notes when it was answered."""

    def __init__(self, service: Service, model_id: str) -> None:
        super().__init__(name="asks", daemon=True)
        self.told: list[tuple[float, int]] = []
        self.over = threading.Event()
        self._url = f"{service.url}/v1/models/{model_id}/predictions"

    def run(self) -> None:
        """Go on until it is over."""
        body = {"inputs": [[1, 2]]}
        with httpx.Client(timeout=10) as http:
            while not self.over.wait(PREDICTION_PAUSE_SECONDS):
                try:
                    status = http.post(self._url, json=body).status_code
                except httpx.TransportError:
                    status = 0
                self.told.append((time.monotonic(), status))

    def back(self, since: float, until: float) -> float:
        """How long after `since` the last one went unanswered, in seconds; 0: none did."""
        failed = [moment for moment, status in self.told if since <= moment <= until and status != httpx.codes.OK]
        return max(failed, default=since) - since


def kill_master(cluster: Cluster, master: int) -> None:
    """It comes back as a replica."""
    cluster.kill_master()


def fail_over(cluster: Cluster, master: int) -> None:
    """The old master goes on for some ten seconds, until the Sentinels tell it."""
    cluster.fail_over()


def cut_off(cluster: Cluster, master: int) -> None:
    """Clients reach it all the time, and it takes their writes, which it will lose."""
    cluster.cut_off(master)
    time.sleep(CUT_SECONDS)
    cluster.heal(master)


KINDS: Final[dict[str, Callable[[Cluster, int], None]]] = {
    "kill -9 the master": kill_master,
    "planned failover by the Sentinels": fail_over,
    f"the master is cut off from replicas and Sentinels for {CUT_SECONDS:g} s": cut_off,
}


def run(rounds: int, *, seed: int, kinds: dict[str, Callable[[Cluster, int], None]] = KINDS) -> dict[str, Any]:
    """So many failovers of each kind, and what became of what was asked."""
    with (
        tempfile.TemporaryDirectory(prefix="nd-") as folder,
        Cluster(Path(folder)) as cluster,
    ):
        service = ServiceBehindSentinels(cluster, Path(folder) / "data")
        service.folder.mkdir()
        service.start()
        try:
            return _measure(service, cluster, rounds, seed, kinds)
        finally:
            service.stop()


def _measure(
    service: ServiceBehindSentinels,
    cluster: Cluster,
    rounds: int,
    seed: int,
    kinds: dict[str, Callable[[Cluster, int], None]],
) -> dict[str, Any]:
    dataset = httpx.post(f"{service.url}/v1/datasets", content=ROWS, timeout=10).raise_for_status().json()["id"]
    wait_until(lambda: _of(service, "datasets", dataset)["status"] == "ready", "the data set is not read")
    spec = TRAINING | {"dataset": dataset}
    first = httpx.post(f"{service.url}/v1/jobs", json=spec, timeout=10).raise_for_status().json()["id"]
    wait_until(lambda: _of(service, "jobs", first)["status"] == "succeeded", "the first job does not end")
    model_id = _of(service, "jobs", first)["model_id"]
    before = service.everyone()
    submits, asks = Submits(service, spec, str(seed)), Asks(service, model_id)
    submits.start()
    asks.start()
    found: dict[str, dict[str, Any]] = {}
    for name, inject in kinds.items():
        back = [_round(cluster, inject, asks) for _ in range(rounds)]
        found[name] = {"rounds": rounds, "back_seconds": back}
        print(f"  {name}: predictions answered again after {', '.join(f'{one:.1f}' for one in back)} s", flush=True)
    for load in (submits, asks):
        load.over.set()
        load.join()
    _wait_for_the_end(service, submits.accepted)
    return {
        "kinds": found,
        "accepted": len(submits.accepted),
        "submits": {str(status): count for status, count in sorted(submits.answers.items())},
        "predictions": {str(status): count for status, count in sorted(Counter(one for _, one in asks.told).items())},
        "restarted": len(before - service.everyone()),
        "wrong": _wrong(service, submits.accepted),
    }


def _of(service: Service, noun: str, identifier: str) -> dict[str, Any]:
    """One record."""
    answer: dict[str, Any] = httpx.get(f"{service.url}/v1/{noun}/{identifier}", timeout=10).raise_for_status().json()
    return answer


def _round(cluster: Cluster, inject: Callable[[Cluster, int], None], asks: Asks) -> float:
    """One failover: how long after there is a new master predictions are all answered again."""
    master = cluster.known_master()
    moved: list[float] = []

    def watch() -> None:
        wait_until(lambda: cluster.master() not in {None, master}, "there is no new master")
        moved.append(time.monotonic())

    watching = threading.Thread(target=watch)
    watching.start()
    inject(cluster, master)
    watching.join()
    if not moved:
        raise SystemExit("there is no new master")
    cluster.mend()
    time.sleep(AFTER_SECONDS)
    return asks.back(moved[0], time.monotonic())


def _wait_for_the_end(service: Service, job_ids: list[str]) -> None:
    deadline = time.monotonic() + END_SECONDS
    while time.monotonic() < deadline:
        jobs = {job["id"]: job["status"] for job in listed(service, "/v1/jobs")}
        if all(jobs.get(job_id, "succeeded") in FINISHED for job_id in job_ids):
            return
        time.sleep(0.5)


def _wrong(service: Service, accepted: list[str]) -> list[str]:
    """What is lost, or has not ended once."""
    jobs = {job["id"]: job for job in listed(service, "/v1/jobs")}
    of_job = Counter(model["job_id"] for model in listed(service, "/v1/models"))
    wrong = []
    for job_id in accepted:
        job = jobs.get(job_id)
        if job is None:
            wrong.append(f"{job_id} was accepted and is lost")
            continue
        ends = [event["event"] for event in events(service, job_id) if event["event"] in FINISHED]
        if ends != [job["status"]] or job["error"] is not None:
            wrong.append(f"{job_id} {job['status']} ended {ends}: {job['error']}")
        if of_job[job_id] != (job["status"] == "succeeded"):
            wrong.append(f"{job_id} {job['status']} has {of_job[job_id]} models")
    return wrong


def table(figures: dict[str, Any]) -> str:
    """How soon predictions were answered again, by kind."""
    lines = [
        "| failover | times | predictions are answered again, seconds after the new master: median, slowest |",
        "| --- | --- | --- |",
    ]
    for name, kind in figures["kinds"].items():
        back = kind["back_seconds"]
        lines.append(f"| {name} | {kind['rounds']} | {statistics.median(back):.1f}, {max(back):.1f} |")
    told = (
        f"Of {figures['accepted']} jobs that were accepted meanwhile {len(figures['wrong'])} were lost or did not end "
        f"once; {figures['restarted']} processes of the service were replaced."
    )
    return "\n".join(lines) + f"\n\n{told}"
