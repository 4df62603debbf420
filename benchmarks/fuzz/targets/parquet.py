"""Parquet, read as the product reads it: in a child with bounded memory and time, since Rust aborts on some files."""

import os
import resource
import signal

from benchmarks.fuzz.targets import files

files.one(b"\0PAR1PAR1")  # what a first use loads is loaded once, in place of once a child

MEMORY_BYTES = 4 << 30
SECONDS = 10
CLEAN = 0
BROKEN = 3


def one(data: bytes) -> None:
    """A child that is ended by a signal has broken nothing else, and is told as a file that cannot be read."""
    child = os.fork()
    if not child:
        os._exit(_read(data))
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert ended != BROKEN, "it raised what it should not"
    assert ended != -signal.SIGALRM, f"reading took more than {SECONDS} s"


def _read(data: bytes) -> int:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (used + MEMORY_BYTES, used + MEMORY_BYTES))
    signal.signal(signal.SIGABRT, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(SECONDS)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    try:
        files.one(b"\0" + data)
    except MemoryError:
        return CLEAN
    except BaseException:  # noqa: BLE001  # whatever it is, the parent tells it
        return BROKEN
    return CLEAN
