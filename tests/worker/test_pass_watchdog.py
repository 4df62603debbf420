import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import fakeredis
import pytest

from worker.runtime.pass_watchdog import Passes, Watchdog
from worker.store.metrics import Metrics


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(fakeredis.FakeRedis())


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        yield child
        child.kill()


def passing(child: int) -> tuple[Passes, float]:
    """A pass that the child began, and when."""
    passes = Passes()
    passes.begin()
    passes._pid.value = child
    in_hand = passes.in_hand()
    assert in_hand is not None
    return passes, in_hand[1]


def ended(metrics: Metrics) -> float:
    return next(
        sample.value
        for family in metrics.totals()
        for sample in family.samples
        if sample.name == "neurond_prediction_passes_ended_total"
    )


def test_a_child_whose_pass_takes_too_long_is_ended_and_counted(metrics: Metrics, child) -> None:
    passes, begun = passing(child.pid)
    watchdog = Watchdog(passes, metrics, seconds=30, children=lambda: [child.pid])

    looks = [watchdog.look(begun + age) for age in (1, 11, 30)]
    alive = child.poll()
    last = watchdog.look(begun + 30.5)
    metrics.flush()

    assert looks == [True, False, False]  # from a third of the time on it counts as stuck
    assert alive is None
    assert last is False
    assert child.wait(10) == -signal.SIGKILL
    assert watchdog.ended == child.pid
    assert ended(metrics) == 1
    assert watchdog.look(begun + 99) is True


def test_a_pass_of_a_process_that_is_none_of_its_children_is_forgotten(metrics: Metrics) -> None:
    passes, begun = passing(os.getpid())
    watchdog = Watchdog(passes, metrics, seconds=30, children=list)

    assert watchdog.look(begun + 99) is True
    assert passes.in_hand() is None


def test_a_pass_that_is_over_is_in_hand_no_more_however_it_ended() -> None:
    passes = Passes()
    during = []

    def fail() -> None:
        with passes.one():
            during.append(passes.in_hand())
            raise MemoryError

    with pytest.raises(MemoryError):
        fail()

    assert during[0] is not None
    assert during[0][0] == os.getpid()
    assert passes.in_hand() is None
