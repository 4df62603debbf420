"""When a worker holds itself for stalled, and how it starts anew."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from celery.worker import state

from worker.runtime.consumer_watchdog import (
    CANARY_SECONDS,
    STALLED_SECONDS,
    SUSPECT_SECONDS,
    ConsumerWatchdog,
    check_window,
    restart_this_process,
)


@dataclass
class Bench:
    """A worker on a clock of its own, and its queue."""

    now: float = 0.0
    busy: bool = False
    messages: int = 0
    canaries: int = 0
    restarts: int = 0
    seen: list[bool] = field(default_factory=list)

    def waiting(self, queue: str) -> int:
        return self.messages

    def send_canary(self, queue: str) -> None:
        self.canaries += 1
        self.messages += 1

    def restart(self) -> None:
        self.restarts += 1


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def hearing(bench: Bench) -> ConsumerWatchdog:
    return ConsumerWatchdog(busy=lambda: bench.busy, restart=bench.restart, clock=lambda: bench.now)


def pass_time(bench: Bench, hearing: ConsumerWatchdog, seconds: float, *, hears: bool) -> None:
    """A look a second; who hears takes what waits."""
    for _ in range(int(seconds)):
        bench.now += 1.0
        if hears and bench.messages:
            bench.messages = 0
            hearing.hear()
        bench.seen.append(hearing.check("training", bench))


def test_an_idle_worker_that_hears_sends_a_canary_now_and_then_and_is_never_suspected(
    bench: Bench, hearing: ConsumerWatchdog
) -> None:
    pass_time(bench, hearing, 100, hears=True)

    assert all(bench.seen)
    assert 100 / (CANARY_SECONDS + 2) <= bench.canaries <= 100 / CANARY_SECONDS
    assert bench.restarts == 0


def test_a_stalled_worker_signs_off_first_and_then_starts_anew(bench: Bench, hearing: ConsumerWatchdog) -> None:
    pass_time(bench, hearing, CANARY_SECONDS + SUSPECT_SECONDS + 2, hears=False)
    assert not bench.seen[-1]
    assert bench.restarts == 0

    pass_time(bench, hearing, STALLED_SECONDS, hears=False)
    assert bench.restarts > 0
    assert bench.canaries == 1


def test_a_busy_worker_may_let_messages_wait(bench: Bench, hearing: ConsumerWatchdog) -> None:
    bench.busy, bench.messages = True, 5

    pass_time(bench, hearing, 1000, hears=False)

    assert all(bench.seen)
    assert (bench.canaries, bench.restarts) == (0, 0)


def test_a_child_that_the_pool_has_buried_first_keeps_nobody_from_starting_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    became: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda path, arguments: became.append(arguments))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:

        def children() -> Iterator[int]:
            yield child.pid  # killed and waited for
            monkeypatch.setattr(os, "kill", lambda pid, number: None)
            yield child.pid  # as the kernel has it for one that another thread has waited for

        restart_this_process(children)  # type: ignore[arg-type]
        child.returncode = -9

    assert became == [sys.orig_argv]


@pytest.mark.parametrize(("full", "running", "stuck"), [(True, 0, True), (True, 1, False), (False, 0, False)])
def test_a_window_full_of_messages_that_nobody_runs_is_a_lost_connection(
    monkeypatch: pytest.MonkeyPatch, full: bool, running: int, stuck: bool
) -> None:
    window = SimpleNamespace(can_consume=lambda: not full)
    consumer = SimpleNamespace(task_consumer=SimpleNamespace(channel=SimpleNamespace(qos=window)))
    monkeypatch.setattr(state, "reserved_requests", ["request"] * running)

    with pytest.raises(ConnectionError, match="acknowledged") if stuck else contextlib.nullcontext():
        check_window(consumer)
