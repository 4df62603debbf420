"""Processes of a service: their last words, and how they are ended."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from api.local import processes
from api.local.processes import Service, Supervisor

SLOW_TO_END = """
import signal, time
ends = []
signal.signal(signal.SIGTERM, lambda *_: ends.append(print("asked", flush=True)))
print("ready", flush=True)
while not ends:
    time.sleep(0.01)
time.sleep(0.3)
"""

UNWILLING = (
    "import signal, time; signal.signal(signal.SIGTERM, lambda *_: None); print('ready', flush=True); time.sleep(60)"
)


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("first\nModuleNotFoundError: No module named 'x'\n", "ModuleNotFoundError: No module named 'x'"),
        (
            '{"time": "…", "event": "waiting for Redis", "error": "Connection refused"}\n',
            "waiting for Redis: Connection refused",
        ),
        ('{"event": "claimed"}', "claimed"),
        ("7\n", "7"),
        ("", ""),
    ],
)
def test_the_last_line_is_said_in_words(tmp_path: Path, log: str, words: str) -> None:
    path = tmp_path / "log"
    path.write_text(log)

    assert Service("x", ["true"], {}, path).last_words() == words


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def start(tmp_path: Path, told: list[str]) -> Callable[..., Supervisor]:
    """A supervisor of a process for each of `programs`, all of them ready."""

    def start(*programs: str) -> Supervisor:
        supervisor = Supervisor(told.append)
        for number, program in enumerate(programs):
            service = Service(f"s{number}", [sys.executable, "-c", program], {}, tmp_path / f"s{number}.log")
            supervisor.start(service)
            while "ready" not in service.log.read_text():
                assert service.process is not None
                assert service.process.poll() is None, service.last_words()
        return supervisor

    return start


def test_each_process_is_asked_to_end_once(start: Callable[..., Supervisor], told: list[str], tmp_path: Path) -> None:
    start(SLOW_TO_END, SLOW_TO_END).stop()

    assert [(tmp_path / f"s{number}.log").read_text() for number in (0, 1)] == ["ready\nasked\n"] * 2
    assert told == []


def test_what_does_not_end_is_killed_and_it_is_said(
    start: Callable[..., Supervisor], told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.5)
    supervisor = start(SLOW_TO_END, UNWILLING)
    stalled = supervisor.services[1].process

    supervisor.stop()

    assert stalled is not None
    assert stalled.returncode == -9
    assert told == [f"s1 did not end within 0.5 s and was killed. Log: {tmp_path / 's1.log'}"]
