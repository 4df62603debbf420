"""Abuse: whoever sends what, the others are answered in time, and nothing stays behind.

The service runs as `neurond up` runs it, with keys. One attack after the other is let loose on it, each at full size;
meanwhile another client, in a process of its own, asks for predictions and lists.
An attack has held where that client's p99 stays under a second and it meets no 5xx, where the service is as it was a
moment later, and where memory, disk and Redis have returned to where they were once the attacker's things are deleted.
"""

import argparse
import json
import secrets
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks.abuse.attack import FULL, READ, Attack, Target
from benchmarks.abuse.attacks import ATTACKS
from benchmarks.abuse.attacks.bodies import TEN_THOUSAND_ROWS
from benchmarks.abuse.calm import OpenApi, until_calm
from benchmarks.abuse.state import State, settled
from benchmarks.abuse.witness import Seen, Witness
from benchmarks.faults.service import Service, free_port
from benchmarks.machine import asked, describe, headline

P99_SECONDS: Final = 1.0
"""What the other client's p99 stays under."""

ALL_SECONDS: Final = 900.0
ROUNDS_SECONDS: Final = 30.0
"""For so long a short attack is repeated, until the other client has asked often enough for a percentile."""

WARM_UP_SECONDS: Final = 60.0
LARGE_BYTES: Final = 24_000_000
"""Less than 32 MiB: what is larger glibc gives back at once, and what is smaller it keeps for the next."""

ROW: Final = [0.0] * 784
OTHER: Final = "other"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which attacks, and where the figures go."""
    parser.add_argument("--attack", action="append", metavar="TEXT", help="only those with this in their name")
    parser.add_argument("--json", type=Path, help="write the figures here")


def run(arguments: argparse.Namespace) -> None:
    """Run, print a line an attack, and fail if any did not hold."""
    chosen = [one for one in ATTACKS if not arguments.attack or any(part in one.name for part in arguments.attack)]
    print(f"{headline()}\n", flush=True)
    begun, rows = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="nd-") as folder, _service(Path(folder)) as scene:
        for attack in chosen:
            if time.monotonic() - begun > ALL_SECONDS:
                break
            rows.append(scene.suffer(attack))
            print(_line(rows[-1]), flush=True)
    figures = {"machine": describe(), "command": asked(), "left_out": len(chosen) - len(rows), "attacks": rows}
    print(f"\n{attacks_table(figures)}\n\n{table(figures)}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", "utf-8")
    if figures["left_out"] or any(row["wrong"] for row in rows):
        raise SystemExit(1)


class Scene:
    """The service, the model that others ask, a job that runs, and keys for the attacker and for the others."""

    def __init__(self, service: Service, open_url: str, keys: dict[str, str]) -> None:
        self._service = service
        self._open_url = open_url
        self._keys = keys
        self._model = ""
        self._job = ""

    def prepare(self) -> None:
        """Train a model, begin the job that runs for as long as all of this, and put the service to use."""
        with httpx.Client(base_url=self._service.url, headers=self._others, timeout=30) as client:
            job = _submit(client, epochs=1)
            while (record := client.get(f"/v1/jobs/{job}").json())["status"] != "succeeded":
                if record["status"] in {"failed", "cancelled"}:
                    raise SystemExit(f"the model that is asked could not be trained: {record['error']}")
                time.sleep(0.2)
            self._model = record["model_id"]
            self._job = _submit(client, epochs=10_000)
        self._warm_up()

    def suffer(self, attack: Attack) -> dict[str, Any]:
        """Let an attack loose; what it sent, what the others saw, and what is left of it."""
        if not self._calm():
            self._start_again()
        before = State.of(self._service)
        key = self._keys[attack.key]
        target = Target(self._service.url, self._model, self._job, self._open_url, key, attack.seconds)
        with Witness(self._service.url, self._keys[OTHER], f"/v1/models/{self._model}/predictions", ROW) as witness:
            begun = time.monotonic()
            attack.run(target)
            while not witness.saw_enough() and time.monotonic() < begun + ROUNDS_SECONDS:
                target.again()
                attack.run(target)
        seen = witness.seen()
        calm = self._calm()
        target.clean()
        after = settled(self._service, before)
        missed = attack.heard is not None and attack.heard not in target.heard
        let_in = sum(count for status, count in target.heard.items() if httpx.codes.is_success(status))
        return {
            "name": attack.name,
            "bound": attack.bound,
            "key": attack.key,
            "sent_bytes": target.sent,
            "answers": {str(status): count for status, count in sorted(target.heard.items())},
            "others": asdict(seen),
            "before": asdict(before),
            "after": asdict(after),
            "wrong": wrong(seen, calm=calm, grown=after.grown(before), let_in=let_in * attack.refused)
            + [f"it never met status {attack.heard}"] * missed,
        }

    def _warm_up(self) -> None:
        """Ask with large bodies: what allocators keep of them for the next is no growth later."""
        target = Target(self._service.url, self._model, self._job, self._open_url, self._keys[OTHER], WARM_UP_SECONDS)
        row = json.dumps({"inputs": [ROW]}).encode()
        large = b" " * (LARGE_BYTES - len(row)) + row
        target.at_once([lambda: target.predict(large)] * 60, clients=4)
        target.at_once([lambda: target.predict(large, Prefer="respond-async")] * 16, clients=4)
        target.at_once([lambda: target.predict(TEN_THOUSAND_ROWS, Prefer="respond-async")] * 4, clients=2)
        for path in target.made:
            while (answer := target.request("GET", path)) is not None and not answer.json()["finished_at"]:
                time.sleep(0.1)
        target.clean()

    @property
    def _others(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._keys[OTHER]}"}

    def _calm(self) -> bool:
        path = f"{self._service.url}/v1/models/{self._model}/predictions"
        return until_calm(path, self._others, ROW)

    def _start_again(self) -> None:
        """What one attack has broken is not counted for the next."""
        self._service.stop()
        self._service.start()
        if not self._calm():
            raise SystemExit("the service does not answer, even when it is started again")


@contextmanager
def _service(folder: Path) -> Iterator[Scene]:
    keys = {name: secrets.token_urlsafe(32) for name in (FULL, READ, OTHER)}
    environment = {
        "NEUROND_API_KEYS": f"{keys[FULL]},{keys[OTHER]}",
        "NEUROND_READ_KEYS": keys[READ],
        "NEUROND_LOG_LEVEL": "error",
    }
    service = Service(folder / "data", free_port(), train_workers=1, environment=environment)
    service.folder.mkdir()
    service.start()
    try:
        with OpenApi(service) as opened:
            scene = Scene(service, opened.url, keys)
            scene.prepare()
            yield scene
    finally:
        service.stop()


def _submit(client: httpx.Client, *, epochs: int) -> str:
    spec = {"dataset": "mnist", "model": {"hidden_layers": [16]}, "training": {"epochs": epochs}}
    job: str = client.post("/v1/jobs", json=spec).raise_for_status().json()["id"]
    return job


def wrong(seen: Seen, *, calm: bool, grown: Sequence[str], let_in: int = 0) -> list[str]:
    """What did not hold."""
    problems = []
    if seen.p99_seconds >= P99_SECONDS:
        problems.append(f"p99 of others {seen.p99_seconds:.1f} s")
    if seen.errors:
        problems.append(f"{seen.errors} errors for others")
    if not calm:
        problems.append("others are not answered in time afterwards")
    if let_in:
        problems.append(f"{let_in} requests were let in")
    return problems + [f"{name.removesuffix('_mb')} has grown" for name in grown]


def attacks_table(figures: dict[str, Any]) -> str:
    """A line an attack."""
    lines = [
        "| attack | key | sent | bounded by | p99 of others | 5xx to others | memory | disk | Redis |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*lines, *map(_line, figures["attacks"])])


def table(figures: dict[str, Any]) -> str:
    """All attacks in a line each of what matters."""
    rows = figures["attacks"]
    slowest = max(row["others"]["p99_seconds"] for row in rows)
    kept = {
        "attacks, one after the other": len(rows),
        "attacks that held": sum(not row["wrong"] for row in rows),
        "highest p99 of another client's predictions": f"{slowest * 1e3:.0f} ms",
        "5xx and lost answers to others": sum(row["others"]["errors"] for row in rows),
        "attacks for which the time did not suffice": figures["left_out"],
    }
    failed = [f"\n{row['name']}: {', '.join(row['wrong'])}." for row in rows if row["wrong"]]
    return "\n".join(["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in kept.items()), *failed])


def _line(row: dict[str, Any]) -> str:
    others, before, after = row["others"], row["before"], row["after"]
    changes = [f"{size:.0f} → {after[name]:.0f} MB" for name, size in before.items()]
    sent = f"{row['sent_bytes'] / 1e6:.3g} MB"
    return (
        f"| {row['name']} | {row['key']} | {sent} | {row['bound']} | {others['p99_seconds'] * 1e3:.0f} ms | "
        f"{others['errors']} | {' | '.join(changes)} |"
    )
