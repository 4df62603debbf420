"""Who waits for whom: a training takes the processor time that predictions leave."""

import contextlib
import os
from pathlib import Path
from typing import Final

NICE: Final = 10
"""About a tenth of the share of a process that asks for nothing; on an idle machine, all of it."""

AUTOGROUP: Final = Path("/proc/self/autogroup")


def lower_priority() -> None:
    """Let the processes of this machine that somebody waits for go first.

    Linux shares the processor between sessions before it looks at nice values (sched(7), "The autogroup feature"), and
    each worker is a session of its own: both are set. In containers the same is said by `cpu_shares`. Its share alone
    would let a training finish its turn, some milliseconds, while a request waits: by its policy it is interrupted.
    """
    os.nice(NICE)
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    with contextlib.suppress(OSError):
        AUTOGROUP.write_text(str(NICE))
