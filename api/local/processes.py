"""Processes that `neurond up` starts, watches, starts again when they die, and stops."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson

STOP_SECONDS: Final = 15.0
"""How long a process that was asked to end may take before it is killed."""

OWNER_ONLY: Final = 0o077
"""What is taken from the mode of each file and folder that the services make: others may not even read them."""

KILL_SECONDS: Final = 5.0
"""How long the kernel may take to end what was killed."""

LONGEST_PAUSE: Final = 30.0
QUIET_SECONDS: Final = 60.0
"""Life after which a process is in order again: its next death begins at the shortest pause."""


@dataclass
class Service:
    """One process that should be there: how it is started, and how it fares."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    """All of it: a process inherits nothing that it need not know."""
    log: Path
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    deaths: int = 0
    asked: bool = False
    started: float = 0.0
    start_at: float = 0.0

    def start(self) -> None:
        """Start the process in a session of its own, so that a Ctrl-C reaches only the one who stops it in order."""
        with os.fdopen(os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as log:
            self.process = subprocess.Popen(  # noqa: S603  # the command is ours
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=OWNER_ONLY,
                pass_fds=self.pass_fds,
            )
        self.asked, self.started = False, time.monotonic()

    def ask_to_stop(self) -> None:
        """Send SIGTERM, if it runs. Once: many a program takes the second one for impatience."""
        if self.process is not None and self.process.poll() is None and not self.asked:
            self.asked = True
            self.process.terminate()

    def stop(self) -> bool:
        """End the process: asked first, then killed with all that it started. Whether asking was enough."""
        if self.process is None:
            return True
        self.ask_to_stop()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        finally:
            self._kill_session()
            self.process.wait()
        return True

    def _kill_session(self) -> None:
        """Whatever of its session is left (a child that hangs) goes with it, and is gone when this returns."""
        assert self.process is not None  # noqa: S101  # stop has looked
        deadline = time.monotonic() + KILL_SECONDS
        with contextlib.suppress(ProcessLookupError):
            while time.monotonic() < deadline:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.poll()
                time.sleep(0.01)

    def last_words(self) -> str:
        """The last line that the process wrote, for a message about its death."""
        try:
            lines = self.log.read_bytes()[-4096:].decode(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return _in_words(lines[-1]) if lines else ""


class Supervisor:
    """The services of one `neurond up`, in the order in which they depend on each other."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        """`tell` takes the lines that a person should read."""
        self.services: list[Service] = []
        self._tell = tell

    def start(self, service: Service, *, first: bool = False) -> None:
        """Start a service and watch it from now on. `first`: the others depend on it."""
        self.services.insert(0 if first else len(self.services), service)
        service.start()

    def check(self) -> None:
        """Start again what has died, each time after a longer pause."""
        now = time.monotonic()
        for service in self.services:
            process = service.process
            if process is None:
                if now >= service.start_at:
                    service.start()
                continue
            if process.poll() is None:
                continue
            if now - service.started > QUIET_SECONDS:
                service.deaths = 0
            pause = min(0.5 * 2**service.deaths, LONGEST_PAUSE)
            service.deaths += 1
            service.process, service.start_at = None, now + pause
            self._tell(
                f"{service.name} ended ({describe_exit(process.returncode)}); starting it again in {pause:g} s. "
                f"Log: {service.log}"
            )

    def stop(self) -> None:
        """Stop all, those who depend on others first. Those that do not depend on each other end at the same time."""
        if not self.services:
            return
        base, *rest = self.services
        for service in rest:
            service.ask_to_stop()
        for service in (*rest, base):
            if not service.stop():
                self._tell(f"{service.name} did not end within {STOP_SECONDS:g} s and was killed. Log: {service.log}")
        self.services.clear()


def _in_words(line: str) -> str:
    """A line of JSON as a person reads it; any other line as it is."""
    try:
        said = orjson.loads(line)
        return ": ".join(str(said[name]) for name in ("event", "error") if name in said)
    except (orjson.JSONDecodeError, TypeError):
        return line


def exists(pid: int) -> bool:
    """Whether there is a process with this ID."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def describe_exit(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
