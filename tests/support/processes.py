"""The whole service as processes: `neurond up` as a person starts it, what it starts, and what is left of it."""

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from api.local.stack import Stack
from benchmarks.faults import service
from worker.settings import Settings

NEUROND: Final = shlex.join(service.NEUROND)
READY: Final = "neurond is ready at "
LEASE_SECONDS: Final = 3.0


def plain_environment() -> dict[str, str]:
    """This process's environment, without what it says to neurond."""
    return {name: value for name, value in os.environ.items() if not name.startswith("NEUROND_")}


@contextmanager
def running(script: str, folder: Path, neurond: str = NEUROND) -> Iterator[list[str]]:
    """Run a script that ends in `neurond up`, for as long as the block runs; gives what it printed, the URL last.

    The port is a free one, all else is as the script says. The end is Ctrl-C's.
    """
    before, up, after = script.rpartition("neurond up")
    assert up
    assert not after.strip()
    command = ["bash", "-euc", f"{before}exec {neurond} up --port 0"]
    with subprocess.Popen(command, env=plain_environment(), cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said += line.removeprefix(READY).splitlines()
            if line.startswith(READY):
                break
        try:
            yield said
        finally:  # a test that fails leaves no service behind
            process.send_signal(signal.SIGINT)
            last = process.stdout.read()
    assert process.returncode == 0, said
    assert "the next 'neurond up' here goes on where it was" in last


def open_stack(folder: Path) -> Stack:
    """The service over `folder`, with leases short enough to wait for."""
    return Stack(Settings.from_environment(), folder=folder, host="127.0.0.1", port=0, tell=print)


def processes_under(folder: Path) -> list[str]:
    """Command lines of the processes that work over data folders in `folder`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                environment = (entry / "environ").read_bytes()
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if os.fsencode(folder) in environment + command and b"pytest" not in command:
                found.append(command.replace(b"\0", b" ").decode())
    return found


def pids_of(stack: Stack, name: str) -> tuple[int, list[int]]:
    """The main process of a service, and its children."""
    [service] = [service for service in stack.services if service.name == name]
    main = service.process.pid
    children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    return main, [int(child) for child in children]
