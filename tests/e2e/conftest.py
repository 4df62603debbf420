"""The whole service as `neurond up` runs it: an embedded Valkey, gunicorn, real Celery workers."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.local.stack import Stack
from neurond import Client
from tests.support.processes import LEASE_SECONDS, open_stack


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data folder with a path short enough for a socket in it, which pytest's own may not be."""
    with tempfile.TemporaryDirectory(prefix="neurond-") as name:
        yield Path(name)


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
