"""A training goes behind what somebody waits for."""

import os
import subprocess
import sys

import pytest

from worker.runtime.scheduling_priority import NICE

IMPORT = "import os; from worker.runtime.scheduling_priority import lower_priority; "


def test_who_gives_way_is_nicer_than_before() -> None:
    code = IMPORT + "before = os.nice(0); lower_priority(); print(os.nice(0) - before)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert int(done.stdout) == min(NICE, 19)


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="only Linux has this policy")
def test_who_gives_way_is_interrupted_by_whoever_does_not() -> None:
    code = IMPORT + "lower_priority(); print(os.sched_getscheduler(0), os.SCHED_IDLE)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    policy, idle = done.stdout.split()
    assert policy == idle
