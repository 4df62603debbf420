"""A program that nobody here wrote drives the API by its description and looks for what does not hold."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.local.stack import Stack
from neurond import Client
from tests.support import needs
from tests.support.processes import open_stack

KEY = "only-for-this-test"
HOOKS = Path(__file__).with_name("schemathesis_hooks.py")


@pytest.fixture
def guarded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """A live service that asks for a key; it takes every job that schemathesis invents."""
    monkeypatch.setenv("NEUROND_API_KEYS", KEY)
    monkeypatch.setenv("NEUROND_MAX_QUEUED_JOBS", "1000000")
    with open_stack(folder / "guarded") as stack:
        yield stack


@pytest.mark.peers
@pytest.mark.timeout(600)
def test_schemathesis_finds_nothing(guarded: Stack, tmp_path: Path) -> None:
    needs.module("schemathesis")
    with Client(guarded.url, api_key=KEY) as client:
        *_, job = client.follow(client.submit({"dataset": "mnist", "training": {"epochs": 1}})["id"])

    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", Path(__file__).with_name("schemathesis.toml")),
            *("run", f"{guarded.url}/openapi.json", "--header", f"Authorization: Bearer {KEY}", "--checks", "all"),
            *("--max-response-time", "60", "--continue-on-failure", "--no-color", "--seed", "1"),
        ],
        env=os.environ | {"MODEL_ID": job["model_id"], "SCHEMATHESIS_HOOKS": str(HOOKS)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=580,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    with Client(guarded.url, api_key=KEY) as client:
        assert client.ready()
