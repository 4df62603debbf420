"""The whole service as `neurond up` runs it: an embedded Valkey, gunicorn, real Celery workers."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.client import Client
from api.local.stack import Stack
from worker.settings import Settings

LEASE_SECONDS = 3.0


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for something to become true; fail when it does not."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"still not true after {seconds} s"
        pause.wait(0.02)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data folder with a path short enough for a socket in it, which pytest's own may not be."""
    with tempfile.TemporaryDirectory(prefix="neurond-") as name:
        yield Path(name)


def open_stack(folder: Path) -> Stack:
    """The service over `folder`, with leases short enough to wait for."""
    return Stack(Settings.from_environment(), folder=folder, host="127.0.0.1", port=0, tell=print)


@pytest.fixture(scope="module")
def short_leases() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEUROND_LEASE_SECONDS", str(LEASE_SECONDS))
        patch.delenv("NEUROND_REDIS_URL", raising=False)
        patch.delenv("NEUROND_BLOB_URL", raising=False)
        yield


@pytest.fixture(scope="module")
def stack(folder: Path, short_leases: None) -> Iterator[Stack]:
    with open_stack(folder) as stack:
        yield stack


@pytest.fixture
def client(stack: Stack) -> Iterator[Client]:
    with Client(stack.url) as client:
        yield client
