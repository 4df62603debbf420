"""Runs the child that reads what came from outside, and says how it ended."""

import contextlib
import logging
import os
import secrets
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from worker import launch
from worker.environment import harmless, of_blobs
from worker.errors import InvalidDataError, JobFailedError, TooLargeError
from worker.settings import Settings

logger = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.05
ENVIRONMENT: Final = {"OPENBLAS_NUM_THREADS": "1", "TOKIO_WORKER_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
"""One thread each: every thread more reserves addresses, which count against the memory that may be used."""

MOST_WORDS: Final = 8192
"""Bytes of what the child said last that are logged."""

BROKEN: Final = frozenset({signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE})
"""How compiled code ends that breaks on a file."""

OUT_OF_MEMORY: Final = ("MemoryError", "memory allocation", "bad_alloc")
"""What Python, Rust and C++ say when they get no more memory; the latter two then abort."""


def run_child(
    asked: Mapping[str, Any],
    settings: Settings,
    *,
    seconds: int,
    should_stop: Callable[[], bool],
) -> dict[str, Any] | None:
    """What the child answers: {"about": …}, or {"error": {code, message}}, whatever happens to it.

    Args:
        asked: `do` names one of the child's tasks, the rest is for it; `scratch`, an empty file, is added
        settings: how much memory it may take
        seconds: how much time it may take
        should_stop: asked again and again; when it says so, the child is ended, and the answer is None

    """
    request = {**asked, "memory_bytes": settings.ingest_memory_bytes, "seconds": seconds}
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as log, tempfile.TemporaryFile() as scratch:
        request["scratch"] = scratch.fileno()  # the child can open no file of its own
        environment = {**harmless(os.environ), **of_blobs(os.environ, settings.blob_url), **ENVIRONMENT}
        child = subprocess.Popen(  # noqa: S603  # ours
            launch.command("worker.ingest.child"),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=log,
            env=environment,
            pass_fds=(scratch.fileno(),),
        )
        assert child.stdin is not None  # noqa: S101  # it is a pipe
        try:
            _send(child, orjson.dumps(request, option=orjson.OPT_APPEND_NEWLINE))
            deadline = time.monotonic() + seconds
            while child.poll() is None:
                if should_stop():
                    return None
                if time.monotonic() > deadline:
                    return too_long(seconds)
                _pause(child)
        finally:
            child.kill()
            child.wait()
            with contextlib.suppress(BrokenPipeError):  # what the child never read is still in our buffer
                child.stdin.close()
        output.seek(0)
        log.seek(0)
        return _result(child.returncode, output.read(), log.read(), request)


def _send(child: subprocess.Popen[bytes], request: bytes) -> None:
    """The pipe stays open afterwards: that it closes tells the child that we are gone."""
    assert child.stdin is not None  # noqa: S101  # it is a pipe
    try:
        child.stdin.write(request)
        child.stdin.flush()
    except BrokenPipeError:
        logger.warning("the reading process ended before it was asked anything")


def _pause(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(POLL_SECONDS)
    except subprocess.TimeoutExpired:
        return


def _result(code: int, output: bytes, log: bytes, request: Mapping[str, Any]) -> dict[str, Any]:
    if code == 0:
        result: dict[str, Any] = orjson.loads(output)
        return result
    if code == -signal.SIGXCPU:
        return too_long(request["seconds"])
    last_words, reference = log[-MOST_WORDS:].decode(errors="replace").strip(), secrets.token_hex(6)
    fields = {"reference": reference, "exit_code": code, "last_words": last_words}
    logger.warning("the reading process ended before it was done", extra=fields)
    out_of_memory = any(sign in last_words for sign in OUT_OF_MEMORY)
    if -code in BROKEN and not out_of_memory:
        name = signal.Signals(-code).name
        return told(InvalidDataError(f"file: expected one that can be read, the reader broke on this one ({name})"))
    if code < 0 or out_of_memory:
        how = f"the reading process was ended by {signal.Signals(-code).name}" if code < 0 else "memory ran out"
        return told(
            TooLargeError(
                f"{how}: the file needs more than the {request['memory_bytes']} bytes of memory that reading may take "
                "(NEUROND_INGEST_MEMORY_BYTES), or more than this machine has"
            )
        )
    # What it said may hold parts of the file, paths and names of classes: it is for the log, not for who sent the file.
    return told(
        JobFailedError(
            f"the reading process failed with exit code {code}; the worker's log says more, under {reference}"
        )
    )


def too_long(seconds: int) -> dict[str, Any]:
    """The answer for a file that takes too long."""
    return told(TooLargeError(f"reading took more than {seconds} s (NEUROND_INGEST_SECONDS)"))


def told(error: JobFailedError) -> dict[str, Any]:
    """An answer that says what went wrong."""
    return {"error": {"code": error.code, "message": str(error)}}
