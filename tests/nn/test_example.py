"""The example is run as its first line says."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_example_reads_digits_after_one_epoch():
    done = subprocess.run(
        [sys.executable, "examples/digits.py", "1"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    told = re.fullmatch(r"epoch 1: loss 0\.\d+, (\d+\.\d+)% of the test digits read\n", done.stdout)
    assert float(told.group(1)) > 95
