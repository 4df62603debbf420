"""The README's commands are run as they are written."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from rich.console import Console

from api.cli.demo import say_how_to_go_on
from api.local.stack import Stack
from neurond import ApiError, Client
from tests.support import needs
from tests.support.pages import ROOT, blocks
from tests.support.processes import NEUROND


@pytest.fixture(autouse=True)
def _curl() -> None:
    needs.program("curl")


@pytest.mark.runs("README.md", "Over HTTP")
def test_the_curl_examples_work_as_written(stack: Stack, client: Client, tmp_path: Path) -> None:
    examples = blocks("README.md", "sh", "Over HTTP")
    script = "\n".join(block.text for block in examples).replace("http://127.0.0.1:8000", stack.url)

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=100
    )

    assert done.returncode == 0, done.stderr
    assert len(examples) == 5
    job = client.job(json.loads((tmp_path / "job.json").read_text())["id"])
    assert job["status"] == "succeeded"
    assert "event: done" in done.stdout
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    [prediction] = [answer for answer in answers if answer.get("object") == "prediction"]
    assert prediction["predictions"] == [7]
    assert [answer["object"] for answer in answers].count("list") == 2


def test_an_error_is_the_one_that_the_readme_shows(client: Client) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")

    with pytest.raises(ApiError) as refused:
        client.submit({"dataset": "mnist", "training": {"epochs": -1}})

    [error] = refused.value.problem["errors"]
    assert f"`{error['pointer']}: {error['detail']}`" in readme


@pytest.mark.whole
def test_the_demos_parting_lines_work_as_printed(stack: Stack, tmp_path: Path) -> None:
    console = Console(record=True, width=200, file=(tmp_path / "out").open("w"))
    with console.file:
        say_how_to_go_on(console)
    printed = [line.strip() for line in console.export_text().splitlines()]
    up, *commands = [re.split(r" {2,}", line)[0] for line in printed if line.startswith(("neurond ", "curl "))]
    environment = os.environ | {"NEUROND_URL": stack.url}

    said = [
        subprocess.run(
            ["bash", "-c", command.replace("http://127.0.0.1:8000", stack.url).replace("neurond", NEUROND, 1)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=True,
        ).stdout
        for command in commands
    ]

    assert up == "neurond up"
    assert "Its model is model_" in said[0]
    assert "job_" in said[1]
    assert json.loads(said[2])["object"] == "list"
