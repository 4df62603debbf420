"""The process that reads what came from outside: `python -m worker.ingest.child`.

It takes one JSON object on standard input, and gives one on standard output: what it found, or what is wrong. Whatever
the file makes of it, its memory and time are limited, it touches nothing but the blob store
(`worker.ingest.confine`), and it ends with the one who started it.
"""

import os
import resource
import signal
import sys
import threading
from collections.abc import Mapping
from typing import Any, Final

import orjson

from worker.ingest.confine import confine

GRACE_SECONDS: Final = 5
"""How much later the system ends a process that the parent should have ended."""


def main() -> None:
    """Do the one thing that is asked for."""
    asked = orjson.loads(sys.stdin.buffer.readline())
    limit(asked["memory_bytes"], asked["seconds"])
    confine(asked.get("blob_url"))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.stdout.buffer.write(orjson.dumps(_answer(asked)))
    sys.stdout.buffer.flush()


def limit(memory_bytes: int, seconds: int) -> None:
    """Take away the right to more memory and time, for good; must come before anything large is imported."""
    for kind, most in ((resource.RLIMIT_AS, memory_bytes), (resource.RLIMIT_CPU, seconds + GRACE_SECONDS)):
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _end_with_parent() -> None:
    """The other end of our input is closed when the one who started us is gone, however it went."""
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGKILL)


def _answer(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        from nn.errors import NNError
        from worker.errors import BlobError, BlobMissingError
        from worker.ingest.tasks import task

        try:
            return {"about": task(asked["do"])(asked)}
        except NNError as error:
            return {"error": {"code": "invalid_data", "message": str(error)}}
        except (BlobMissingError, BlobError) as error:
            return {"error": {"code": error.code, "message": str(error)}}
        except RecursionError:
            return {"error": {"code": "invalid_data", "message": "file: expected one that can be read, got nonsense"}}
    except MemoryError:
        most = asked["memory_bytes"]
        message = f"reading the file needs more than {most} bytes of memory (NEUROND_INGEST_MEMORY_BYTES)"
        return {"error": {"code": "too_large", "message": message}}


if __name__ == "__main__":
    main()
