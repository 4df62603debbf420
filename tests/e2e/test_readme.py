"""The README's commands are run as they are written."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from api.cli.demo import say_how_to_go_on
from api.client import Client
from api.local.stack import Stack
from tests import needs


@pytest.fixture(autouse=True)
def _curl() -> None:
    needs.program("curl")


README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def test_the_curl_examples_work_as_written(stack: Stack, client: Client, tmp_path: Path) -> None:
    section = README.partition("## Over HTTP")[2].partition("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    script = "\n".join(blocks).replace("http://127.0.0.1:8000", stack.url)

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=100
    )

    assert done.returncode == 0, done.stderr
    assert len(blocks) == 5
    job = client.job(json.loads((tmp_path / "job.json").read_text())["id"])
    assert job["status"] == "succeeded"
    assert "event: done" in done.stdout
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    [prediction] = [answer for answer in answers if answer.get("object") == "prediction"]
    assert prediction["predictions"] == [7]
    assert [answer["object"] for answer in answers].count("list") == 2


def test_the_demos_parting_lines_work_as_printed(stack: Stack, tmp_path: Path) -> None:
    console = Console(record=True, width=200, file=(tmp_path / "out").open("w"))
    with console.file:
        say_how_to_go_on(console)
    printed = [line.strip() for line in console.export_text().splitlines()]
    up, *commands = [re.split(r" {2,}", line)[0] for line in printed if line.startswith(("neurond ", "curl "))]
    neurond = shlex.join([sys.executable, "-c", "from api.cli import main; main()"])
    environment = os.environ | {"NEUROND_URL": stack.url}

    said = [
        subprocess.run(
            ["bash", "-c", command.replace("http://127.0.0.1:8000", stack.url).replace("neurond", neurond, 1)],
            env=environment, capture_output=True, text=True, timeout=100, check=True,
        ).stdout
        for command in commands
    ]  # fmt: skip

    assert up == "neurond up"
    assert "Its model is model_" in said[0]
    assert "job_" in said[1]
    assert json.loads(said[2])["object"] == "list"
