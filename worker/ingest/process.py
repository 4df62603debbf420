"""Runs the child that reads what came from outside, and says how it ended."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from worker.settings import Settings

logger = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.05
ENVIRONMENT: Final = {"OPENBLAS_NUM_THREADS": "1", "TOKIO_WORKER_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
"""One thread each: every thread more reserves addresses, which count against the memory that may be used."""


def run_child(
    asked: Mapping[str, Any],
    settings: Settings,
    *,
    seconds: int,
    should_stop: Callable[[], bool],
    meanwhile: Callable[[], None] = lambda: None,
) -> dict[str, Any] | None:
    """What the child answers: {"about": …}, or {"error": {code, message}}, whatever happens to it.

    Args:
        asked: `do` names one of the child's tasks, the rest is for it
        settings: how much memory it may take
        seconds: how much time it may take
        should_stop: asked again and again; when it says so, the child is ended, and the answer is None
        meanwhile: called again and again

    """
    request = {**asked, "memory_bytes": settings.ingest_memory_bytes, "seconds": seconds}
    command = [sys.executable, "-m", "worker.ingest.child"]
    environment = {**os.environ, **ENVIRONMENT}
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as log:
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=log, env=environment)  # noqa: S603
        assert child.stdin is not None  # noqa: S101  # it is a pipe
        try:
            _send(child, orjson.dumps(request, option=orjson.OPT_APPEND_NEWLINE))
            deadline = time.monotonic() + seconds
            while child.poll() is None:
                if should_stop():
                    return None
                if time.monotonic() > deadline:
                    return too_long(seconds)
                meanwhile()
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
    last_words = log.decode(errors="replace").strip()
    logger.warning("the reading process ended with %d: %s", code, last_words)
    if code < 0 or "MemoryError" in last_words or "memory allocation" in last_words:
        how = f"the reading process was ended by {signal.Signals(-code).name}" if code < 0 else "memory ran out"
        return _error(
            "too_large",
            f"{how}: the file needs more than the {request['memory_bytes']} bytes of memory that reading may take "
            "(NEUROND_INGEST_MEMORY_BYTES), or more than this machine has",
        )
    line = last_words.splitlines()[-1] if last_words else "it said nothing"
    return _error("internal_error", f"the reading process failed with exit code {code}: {line}")


def too_long(seconds: int) -> dict[str, Any]:
    """The answer for a file that takes too long."""
    return _error("too_large", f"reading took more than {seconds} s (NEUROND_INGEST_SECONDS)")


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}
