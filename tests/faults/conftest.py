"""The whole service, to be killed, stopped and starved."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.local.stack import Stack
from neurond import Client
from tests.e2e.conftest import folder, short_leases
from tests.support.builders.faults import SPEC, finish, weights
from tests.support.processes import open_stack

__all__ = ["folder", "short_leases"]


@pytest.fixture(scope="module")
def little_memory() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEUROND_MAX_JOB_MEMORY_BYTES", str(1024**3))
        yield


@pytest.fixture(scope="module")
def stack(folder: Path, short_leases: None, little_memory: None) -> Iterator[Stack]:
    """With its supervision going on, as in `neurond up`."""
    over = threading.Event()
    with open_stack(folder) as stack:

        def supervise() -> None:
            while not over.wait(0.1):
                stack.check()

        supervisor = threading.Thread(target=supervise)
        supervisor.start()
        try:
            yield stack
        finally:
            over.set()
            supervisor.join()


@pytest.fixture
def client(stack: Stack) -> Iterator[Client]:
    with Client(stack.url) as client:
        yield client


@pytest.fixture(scope="module")
def undisturbed(stack: Stack) -> str:
    """The weights that an undisturbed run of SPEC ends with."""
    with Client(stack.url) as client:
        return weights(client, finish(client, client.submit(SPEC)["id"]))
