"""`neurond up` as a person starts it: a process of its own, on a free port."""

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.faults import service

NEUROND: Final = shlex.join(service.NEUROND)
READY: Final = "neurond is ready at "


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
