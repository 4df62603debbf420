"""From a clone, on a machine with Python alone: the README's two commands and the tutorial, as they are written."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from neurond import Client
from tests.support import needs
from tests.support.pages import ROOT, blocks
from tests.support.processes import plain_environment, running

pytestmark = [pytest.mark.peers, pytest.mark.timeout(600)]

PARTS = ("api", "benchmarks", "docs", "neurond", "nn", "tests", "worker", ".ci", "LICENSE", "README.md", "CHANGELOG.md")
OTHERS = ("pyproject.toml", "docker-compose.yml", "Dockerfile", "Makefile")


@pytest.fixture(scope="module")
def clone() -> Iterator[Path]:
    """What is in the repository, in a folder with a path short enough for sockets in it."""
    needs.index()
    with tempfile.TemporaryDirectory(prefix="neurond-") as name:
        for part in (*PARTS, *OTHERS):
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, Path(name) / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / part, name)
        yield Path(name)


def run(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env=plain_environment() | environment,
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done


@pytest.mark.runs("README.md", "Two commands")
def test_the_readmes_two_commands_need_nothing_but_python(clone: Path) -> None:
    main, tests = (block.text for block in blocks("README.md", "sh", "Two commands"))
    assert tests.rstrip().endswith(".venv/bin/pytest")

    shown = run(main, clone)
    collected = run(f"unset CI; {tests.rstrip()} --collect-only -q", clone)  # not everything is here, unlike on CI

    assert "test accuracy" in shown.stdout
    assert "tests collected" in collected.stdout, "what the group `test` installs is enough to import them all"


@pytest.mark.runs("tutorial.md", "Start it")
def test_the_tutorial_begins_with_a_clone_and_ends_with_a_model_that_is_found_again(clone: Path) -> None:
    start, *others = (block.text for block in blocks("tutorial.md", "sh"))
    enter = ". .venv/bin/activate"

    with running(start, clone, neurond="neurond") as (*_, url):
        typed = "\n".join([enter, *others]).replace("http://127.0.0.1:8000", url)
        done = run(typed, clone, NEUROND_URL=url)
    with running(f"{enter}\nneurond up", clone, neurond="neurond") as (url,), Client(url) as client:
        model = client.model("returns")

    assert "yes" in done.stdout
    assert (clone / "guests.safetensors").stat().st_size > 1000
    assert model.metrics["test_accuracy"] > 0.9
