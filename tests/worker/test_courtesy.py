"""A training goes behind what somebody waits for."""

import os
import subprocess
import sys

import pytest

from worker.courtesy import NICE


def test_who_gives_way_is_nicer_than_before() -> None:
    code = (
        "import os; from worker.courtesy import give_way; before = os.nice(0); give_way(); print(os.nice(0) - before)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert int(done.stdout) == min(NICE, 19)


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="only Linux has this policy")
def test_who_gives_way_is_interrupted_by_whoever_does_not() -> None:
    code = "import os; from worker.courtesy import give_way; give_way(); print(os.sched_getscheduler(0), os.SCHED_IDLE)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    policy, idle = done.stdout.split()
    assert policy == idle
