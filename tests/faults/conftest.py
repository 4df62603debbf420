"""The whole service, to be killed, stopped and starved."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.client import Client
from api.local.stack import Stack
from tests.e2e.conftest import folder, open_stack, short_leases

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


SPEC = {"dataset": "mnist", "seed": 5, "model": {"hidden_layers": [64]}, "training": {"epochs": 12}}
"""A job of a few seconds."""


def finish(client: Client, job_id: str) -> dict:
    *_, job = client.follow(job_id)
    return job


def weights(client: Client, job: dict) -> str:
    """What the job's model is, to the bit."""
    assert job["status"] == "succeeded", job["error"]
    return client.model(job["model_id"])["sha256"]


@pytest.fixture(scope="module")
def undisturbed(stack: Stack) -> str:
    """The weights that an undisturbed run of SPEC ends with."""
    with Client(stack.url) as client:
        return weights(client, finish(client, client.submit(SPEC)["id"]))


def logged(folder: Path, **fields: object) -> list[dict]:
    """Lines of the training workers' logs that have these fields."""
    text = "".join(file.read_text() for file in (folder / "logs").glob("worker-train*.log"))
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [line for line in lines if fields.items() <= line.items()]
