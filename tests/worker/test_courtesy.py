"""A training goes behind what somebody waits for."""

import subprocess
import sys

from worker.courtesy import NICE


def test_who_gives_way_is_nicer_than_before() -> None:
    code = (
        "import os; from worker.courtesy import give_way; before = os.nice(0); give_way(); print(os.nice(0) - before)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert int(done.stdout) == min(NICE, 19)
