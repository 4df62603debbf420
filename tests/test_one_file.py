"""The test of the house: what is new costs one file, and at most one row beside it.

The files in `additions/` are put into a copy of the tree, each with at most one row in a table; what is generated is
generated again, and a running service trains with all of them. What needs more than that cannot be written here.
"""

import json
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from neurond import Client
from tests.support.clock import wait_until
from tests.support.pages import ROOT
from tests.support.processes import NEUROND, plain_environment, running

pytestmark = pytest.mark.timeout(300)

COPIED: Final = ("api", "docs", "neurond", "nn", "worker", "pyproject.toml")


ADDITIONS: Final = ROOT / "tests" / "additions"
"""A layer, an activation, an optimizer, a loss, a metric, a schedule, an option of a job, a data format, a preset, an
endpoint, a command and a kind of work with children: one file each, where it would stand in the tree."""

ROWS: Final = {
    "api/greeting.py": ("api/app.py", '    "catalogue",', '    "greeting",'),
    "api/cli/greet.py": ("api/cli/__init__.py", '        "delete": "delete",', '        "greet": "greet",'),
}
"""File → the table that names it, a row of that table, and the row that is put under it; the others are found."""

NAMES_OF_A_JOB: Final = ("gain", "bent_identity", "lion", "log_cosh", "linear_decay", "clip_value", "leonine")


def run(tree: Path, *command: str) -> str:
    """What a command says that runs in the copy."""
    environment = plain_environment() | {"PYTHONPATH": str(tree), "COLUMNS": "100"}
    done = subprocess.run(command, env=environment, cwd=tree, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def tree() -> Iterator[Path]:
    """The copy with the additions, and with what is generated made again."""
    with tempfile.TemporaryDirectory(prefix="neurond-") as name:
        tree = Path(name)
        for part in COPIED:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / part, tree)
        for file in sorted(path for path in ADDITIONS.rglob("*") if path.suffix in {".py", ".json"}):
            add(tree, file.relative_to(ADDITIONS))
        run(tree, sys.executable, "-m", "nn.catalogue")
        run(tree, sys.executable, "docs/reference.py")
        yield tree


def add(tree: Path, file: Path) -> None:
    """Put a file into the tree, and its row, if it has one, into its table."""
    assert not (tree / file).exists()
    shutil.copy(ADDITIONS / file, tree / file)
    if file.as_posix() in ROWS:
        name, under, row = ROWS[file.as_posix()]
        table = (tree / name).read_text("utf-8")
        assert table.count(f"{under}\n") == 1, f"{name} has no single row {under!r}"
        (tree / name).write_text(table.replace(f"{under}\n", f"{under}\n{row}\n"), "utf-8")


@pytest.fixture(scope="module")
def url(tree: Path) -> Iterator[str]:
    """A service of the copy."""
    script = f"export PYTHONPATH={shlex.quote(str(tree))}\nneurond up"
    with tempfile.TemporaryDirectory(prefix="neurond-") as folder, running(script, Path(folder)) as (*_, url):
        yield url


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[Client]:
    with Client(url) as client:
        yield client


def read(url: str, path: str) -> Any:
    """An answer, as JSON or as text."""
    response = httpx.get(url + path, timeout=30)
    response.raise_for_status()
    return response.json() if "json" in response.headers["Content-Type"] else response.text


def test_a_job_is_trained_with_all_of_them(client: Client, url: str, tmp_path: Path) -> None:
    rows = [(a / 10, b / 10) for a in range(20) for b in range(20)]
    file = tmp_path / "plane.jsonl"
    file.write_text("".join(json.dumps({"x": [a, b], "y": 2 * a - b + 0.5}) + "\n" for a, b in rows))

    dataset = client.upload(file, task="regression").wait()
    job = client.submit(
        {"dataset": dataset.id, "preset": "leonine", "seed": 1, "training": {"loss": "log_cosh", "clip_value": 0.5}}
    ).wait()

    assert dataset.format == "jsonl"
    assert job.status == "succeeded", job.error
    assert job.metrics["test_r2"] > 0.9
    assert 0 < job.metrics["test_median_error"] < 1
    best = read(url, f"/v1/jobs?sort=metrics.test_median_error&dataset={dataset.id}")
    assert [entry["id"] for entry in best["data"]] == [job.id]


def test_a_kind_of_work_waits_for_the_trainings_that_it_asked_for(client: Client, url: str, tmp_path: Path) -> None:
    file = tmp_path / "line.csv"
    file.write_text("a,y\n" + "".join(f"{n / 10},{n / 5 + 1}\n" for n in range(200)))
    dataset = client.upload(file, task="regression").wait()
    job = {"dataset": dataset.id, "training": {"epochs": 2, "loss": "mean_squared_error"}}

    made = httpx.post(f"{url}/v1/repeats", json={"job": job, "seeds": [1, 2]}).json()
    wait_until(lambda: read(url, made["urls"]["self"])["status"] in {"succeeded", "failed"}, seconds=60)

    ended = read(url, made["urls"]["self"])
    assert (ended["status"], ended["result"]["trained"]) == ("succeeded", 2), ended
    assert [read(url, f"/v1/jobs/{child}")["config"]["seed"] for child in ended["children"]] == [1, 2]
    told = [event["event"] for event in read(url, ended["urls"]["events"])["data"]]
    assert told == ["queued", "running", "waiting", "queued", "running", "succeeded"]


def test_what_is_beyond_an_options_bound_is_refused_by_its_pointer(url: str) -> None:
    wrong = {
        "model": {"layers": [{"type": "gain", "start": 0}]},
        "training": {"optimizer": {"name": "lion", "beta1": 1}},
    }

    response = httpx.post(f"{url}/v1/jobs", json={"dataset": "mnist", **wrong})

    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == [
        "#/model/layers/0/start",
        "#/training/optimizer/beta1",
    ]


def test_the_description_has_them(url: str) -> None:
    described = read(url, "/openapi.json")
    words = set(re.findall(r"[\w/]+", json.dumps(described)))

    added = {*NAMES_OF_A_JOB, "/v1/greeting", "/v1/repeats", "createRepeat", "metrics.test_median_error"}
    assert added <= words | set(described["paths"]) | set(sorts(described))


def sorts(described: dict[str, Any]) -> list[str]:
    """By what jobs can be sorted."""
    parameters = described["paths"]["/v1/jobs"]["get"]["parameters"]
    schema = next(parameter["schema"] for parameter in parameters if parameter["name"] == "sort")
    return list(schema["enum"])


def test_the_pages_form_is_made_of_a_catalogue_that_has_them(url: str) -> None:
    catalogue = read(url, "/v1/catalogue")

    assert catalogue["layers"]["gain"]["options"]["start"]["default"] == 1.0
    assert "bent_identity" in catalogue["activations"]
    assert catalogue["optimizers"]["lion"]["options"].keys() == {"learning_rate", "beta1", "beta2"}
    assert catalogue["losses"]["log_cosh"]["tasks"] == ["regression"]
    assert catalogue["metrics"]["median_error"]["better"] == "lower"
    assert "linear_decay" in catalogue["schedules"]
    assert "clip_value" in catalogue["training"]["options"]
    assert catalogue["readers"]["jsonl"]["extensions"] == [".jsonl"]
    assert catalogue["presets"]["leonine"]["config"]["training"]["optimizer"]["name"] == "lion"


def test_the_endpoint_and_the_command_answer(tree: Path, url: str) -> None:
    assert read(url, "/v1/greeting") == "hello"
    assert run(tree, *shlex.split(NEUROND), "greet", "--url", url).startswith("hello, ")


def test_the_help_and_the_reference_name_them(tree: Path) -> None:
    neurond = shlex.split(NEUROND)
    said = " ".join(run(tree, *neurond, "train", "--help").split())
    reference = (tree / "docs" / "reference.md").read_text("utf-8")

    for name in NAMES_OF_A_JOB:
        assert name in said
        assert f"{name}" in reference
    assert "greet" in run(tree, *neurond, "--help")
    for name in ("neurond greet", "/v1/greeting", "/v1/repeats", "metrics.test_median_error"):
        assert name in reference
