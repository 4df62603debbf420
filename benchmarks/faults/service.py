"""`neurond up` as people run it, in a process of its own, and a way to each of its processes."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import httpx
from redis import Redis

from api.local import embedded

START_SECONDS: Final = 60.0

NEUROND: Final = [sys.executable, "-c", "from api.cli import main; main()"]


class Service:
    """The service over a data folder; started again under the same address when it was killed itself."""

    def __init__(self, folder: Path, port: int, *, train_workers: int, environment: dict[str, str]) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self.command = [
            *NEUROND,
            "up",
            "--port",
            str(port),
            "--data",
            str(folder),
            "--train-workers",
            str(train_workers),
        ]
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("NEUROND_")
        } | environment
        self.redis = Redis.from_url(embedded.socket_url(folder), socket_timeout=5, socket_connect_timeout=5)
        self._up: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; the ports of one that was killed a moment ago may still be closing."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            with (self.folder.parent / "up.log").open("ab") as log:
                self._up = subprocess.Popen(self.command, env=self.environment, stdout=log, stderr=log)
            if self._wait(lambda: self.ready() or self._ended(), deadline) and not self._ended():
                return
            if time.monotonic() > deadline:
                raise SystemExit(f"the service does not start; see {self.folder.parent / 'up.log'}")
            time.sleep(0.5)

    def stop(self) -> None:
        """Stop it in order."""
        if self._up is not None and self._up.poll() is None:
            self._up.terminate()
            self._up.wait(60)

    def kill(self) -> None:
        """Kill `neurond up` itself; what it started ends by itself, but for the server of the records."""
        if self._up is not None:
            self._up.kill()
            self._up.wait()

    def ready(self) -> bool:
        """Whether `/readyz` is 200."""
        return self.status("/readyz") == httpx.codes.OK

    def status(self, path: str) -> int | None:
        """The status of a GET, None where nobody answers."""
        try:
            return httpx.get(self.url + path, timeout=3).status_code
        except httpx.TransportError:
            return None

    def wait_until_ready(self, seconds: float = START_SECONDS) -> bool:
        """Whether it gets ready in time."""
        return self._wait(self.ready, time.monotonic() + seconds)

    def processes(self, part: str) -> list[int]:
        """Main processes of the service whose command line has `part` in it."""
        assert self._up is not None
        return [pid for pid in children(self._up.pid) if part in command_line(pid)]

    def servers(self) -> list[int]:
        """Every server of the records over this folder, whoever started it."""
        path = str(self.folder / "valkey.sock")
        running = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        return [pid for pid in running if "valkey-server" in (line := command_line(pid)) and path in line]

    def _ended(self) -> bool:
        return self._up is None or self._up.poll() is not None

    @staticmethod
    def _wait(condition: Callable[[], bool], deadline: float) -> bool:
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def private_megabytes(mains: list[int]) -> float:
    """What processes and their children have written in memory and share with nobody."""
    total = 0
    for pid in [pid for main in mains for pid in (main, *children(main))]:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty:"))
    return total / 1e3


def command_line(pid: int) -> str:
    """How a process was started; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def send(pids: list[int], number: signal.Signals) -> bool:
    """Send a signal; False when nobody was there to get it."""
    sent = False
    for pid in pids:
        try:
            os.kill(pid, number)
            sent = True
        except ProcessLookupError:
            continue
    return sent


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
