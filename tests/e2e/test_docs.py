"""The commands of the documentation are run as they are written, on free ports and in temporary folders."""

import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from api.local.stack import Stack
from neurond import Client
from tests.support import s3
from tests.support.clock import wait_until
from tests.support.pages import blocks, commands, spoken
from tests.support.processes import NEUROND, plain_environment, running

SMALL = {"dataset": "mnist", "seed": 1, "model": {"hidden_layers": [8]}, "training": {"epochs": 1}}

API_MEMORY_BYTES = 120e6


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder with a path short enough for sockets in it."""
    with tempfile.TemporaryDirectory(prefix="neurond-") as name:
        yield Path(name)


def here(text: str, stack: Stack) -> str:
    """The text, with the address of this service in place of the usual one."""
    return text.replace("http://127.0.0.1:8000", stack.url)


@pytest.mark.runs("tutorial.md", "Bring data", "Train", "Ask", "Put it to use")
@pytest.mark.whole
def test_the_tutorial_leads_from_a_csv_to_a_model_that_answers(stack: Stack, client: Client, tmp_path: Path) -> None:
    first, *others = blocks("tutorial.md", "sh")
    assert first.heading == "Start it", "test_clone.py starts it as it is written"
    commands = here("\n".join(block.text for block in others), stack)
    commands += "\n".join(c for c in spoken("tutorial.md") if c in ("neurond datasets", "neurond train --help"))
    [program] = blocks("tutorial.md", "python")
    (tmp_path / "neurond").write_text(f'#!/bin/sh\nexec {NEUROND} "$@"\n')
    (tmp_path / "neurond").chmod(0o755)
    environment = plain_environment() | {"NEUROND_URL": stack.url, "PATH": f"{tmp_path}:{os.environ['PATH']}"}

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    asked = subprocess.run([sys.executable, "-c", here(program.text, stack)], capture_output=True, text=True)
    with_target = subprocess.run(
        ["./neurond", "predict", "returns", "guests.csv"], env=environment, cwd=tmp_path, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr
    model = client.model("returns")
    assert model.name == "returns-1"
    assert model.metrics["test_accuracy"] > 0.9
    rows = [line.split() for line in done.stdout.splitlines()]
    assert [row[1] for row in rows if len(row) == 3 and row[0] in {"1", "2"}] == ["yes", "no"] * 2
    head, *scored = (tmp_path / "scored.csv").read_text().splitlines()
    assert head == "visits,spent,drink,prediction,probability_no,probability_yes"
    assert [line.split(",")[:4] for line in scored] == [["15", "61.50", "latte", "yes"], ["2", "6.20", "tea", "no"]]
    assert (tmp_path / "guests.safetensors").stat().st_size > 1000
    assert asked.stdout.startswith("yes "), asked.stderr
    assert with_target.stdout.count("\n") == 2002
    assert with_target.stderr == ""


def test_the_python_programs_run_as_they_are_written(stack: Stack, client: Client, tmp_path: Path) -> None:
    programs = [here(block.text, stack) for block in blocks("python.md", "python")]

    told = [
        subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
        for program in programs
    ]

    assert len(told) == 2
    assert [done.returncode for done in told] == [0, 0], told[0].stderr + told[1].stderr
    assert [line.split()[0] for line in told[0].stdout.splitlines()[:2]] == ["1", "2"]
    assert told[1].stdout.startswith("ready regression ")
    assert (tmp_path / "shop.safetensors").stat().st_size == int(told[1].stdout.split()[-2])
    assert client.model("shop").task == "regression"


@pytest.mark.runs("operating.md", "Ways to run it")
@pytest.mark.whole
def test_services_on_many_machines_find_each_other(redis_url: str, place: Path) -> None:
    lines = commands("operating.md", "Ways to run it").splitlines()
    exports = [line for line in lines if line.startswith("export ")]
    services = [line.removeprefix("neurond ") for line in lines if line.startswith("neurond ")]
    [redis] = [line for line in exports if "NEUROND_REDIS_URL=redis://" in line]
    [blobs] = [line for line in exports if "NEUROND_BLOB_URL=s3://" in line]
    environment = plain_environment() | {
        redis.removeprefix("export ").partition("=")[0]: redis_url,
        blobs.removeprefix("export ").partition("=")[0]: f"file://{place}",
    }
    assert [service.split()[0] for service in services] == [*["worker"] * 4, "api"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])

    with ExitStack() as exits:
        for service in services:
            words = shlex.split(f"{NEUROND} {service.replace('8000', port)}")
            process = exits.enter_context(subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL))
            exits.callback(process.terminate)
        with Client(f"http://127.0.0.1:{port}") as client:
            wait_until(client.ready, seconds=60)


PROBE = "import os; from worker.store.blobs import Blobs; Blobs(os.environ['NEUROND_BLOB_URL']).probe()"


def tried(script: str) -> subprocess.CompletedProcess[str]:
    """The blob store that the script's variables name is tried, as a worker does when it starts."""
    command = f"{script}\n{shlex.join([sys.executable, '-c', PROBE])}"
    return subprocess.run(["bash", "-euc", command], env=plain_environment(), capture_output=True, text=True)


@pytest.mark.runs("operating.md", "AWS", "MinIO, Ceph, and others that speak S3")
def test_a_store_that_speaks_s3_is_reached_by_the_variables_that_are_named() -> None:
    own = commands("operating.md", "MinIO, Ceph, and others that speak S3")
    aws = commands("operating.md", "AWS").replace("AKIA0123456789ABCDEF", s3.KEY_ID)
    with s3.serve() as server:
        there = own.replace("https://minio.internal:9000", server.address)
        done = tried(there), tried(f"{aws}\nexport AWS_ENDPOINT_URL={server.address} AWS_ALLOW_HTTP=true")
        wrong = tried(there.replace("AWS_ACCESS_KEY_ID=neurond", "AWS_ACCESS_KEY_ID=another"))

    assert [one.returncode for one in done] == [0, 0], [one.stderr for one in done]
    assert "AWS_ACCESS_KEY_ID is not known there" in wrong.stderr


@pytest.mark.runs("operating.md", "Google Cloud Storage")
def test_the_credentials_of_google_are_looked_for_where_the_variable_says() -> None:
    without = tried(commands("operating.md", "Google Cloud Storage"))

    assert without.returncode == 1
    assert "GOOGLE_APPLICATION_CREDENTIALS cannot be read" in without.stderr
    assert "/etc/neurond/service-account.json" in without.stderr


@pytest.mark.runs("operating.md", "Keys")
@pytest.mark.whole
def test_a_key_that_only_its_hash_is_known_of_opens_the_api(place: Path) -> None:
    script = commands("operating.md", "Keys").replace("NEUROND_API_KEYS=", "echo $KEY\nNEUROND_API_KEYS=")

    with running(script, place) as (key, url):
        without = httpx.get(f"{url}/v1/jobs")
        with_key = httpx.get(f"{url}/v1/jobs", headers={"Authorization": f"Bearer {key}"})

    assert len(key) > 40
    assert without.status_code == 401
    assert with_key.status_code == 200


@pytest.mark.runs("operating.md", "Backup")
@pytest.mark.whole
def test_a_backup_is_the_whole_service(place: Path) -> None:
    with running("neurond up", place) as (url,), Client(url) as client:
        model = client.submit(SMALL).wait(every=0.1).model()
        [before] = model.predict([[0.0] * 784]).predictions

    subprocess.run(["bash", "-euc", commands("operating.md", "Backup")], cwd=place, check=True)
    (place / "neurond-data").rename(place / "lost")
    subprocess.run(["tar", "xzf", "neurond-backup.tar.gz"], cwd=place, check=True)

    with running("neurond up", place) as (url,), Client(url) as client:
        assert client.model(model.id).predict([[0.0] * 784]).predictions == [before]


@pytest.mark.whole
def test_an_api_process_stays_small(stack: Stack, client: Client) -> None:
    model = client.submit(SMALL).wait(every=0.1).model()
    for _ in range(50):
        model.predict([[0.0] * 784])
        client.jobs()
        httpx.get(f"{stack.url}/metrics")
        httpx.get(f"{stack.url}/openapi.json")

    [api] = [service for service in stack.services if service.name == "api"]
    assert api.process is not None
    main = api.process.pid
    processes = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    sizes = [int(re.findall(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[0]) for pid in processes]
    print(f"resident memory of the API's processes: {sizes} kB")

    assert len(sizes) == 2
    assert max(sizes) * 1024 < API_MEMORY_BYTES
