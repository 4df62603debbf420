"""`neurond demo` and `neurond up` as a person runs them."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cli.up import Interrupted, interruptible
from benchmarks.faults.service import NEUROND
from neurond import Client
from tests.support.clock import wait_until
from tests.support.processes import processes_under


@pytest.fixture
def folder() -> Iterator[Path]:
    """One for each test, and empty: what another leaves is none of its business."""
    with tempfile.TemporaryDirectory(prefix="neurond-") as name:
        yield Path(name)


@pytest.fixture
def environment(folder: Path) -> dict[str, str]:
    """The demo's folder is made under `folder`, so that its processes are known by it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NEUROND_", "PYTHONUNBUFFERED"))}
    return kept | {"TMPDIR": str(folder), "COLUMNS": "80"}


@pytest.mark.whole
def test_the_demo_learns_to_read_digits_and_leaves_nothing_behind(environment: dict[str, str], folder: Path) -> None:
    done = subprocess.run([*NEUROND, "demo", "--json"], env=environment, capture_output=True, text=True, timeout=100)

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["test_accuracy"] >= 0.975
    assert result["train_seconds"] > 0
    assert result["samples_per_second"] > 0
    assert result["job_id"].startswith("job_")
    assert result["model_id"].startswith("model_")
    assert "test accuracy" in done.stderr
    assert "neurond up" in done.stderr
    assert processes_under(folder) == []
    assert list(folder.iterdir()) == []


@pytest.mark.whole
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_interrupted_leaves_nothing_behind(
    environment: dict[str, str], folder: Path, number: signal.Signals
) -> None:
    with subprocess.Popen([*NEUROND, "demo"], env=environment, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        line = next(line for line in demo.stdout if "POST /v1/jobs" in line)
        demo.send_signal(number)
        rest = demo.stdout.read()

    assert "job_" in line
    assert demo.returncode == 128 + signal.SIGINT
    assert "nothing is left behind" in rest
    assert processes_under(folder) == []
    assert list(folder.iterdir()) == []


def test_a_demo_that_is_kept_stays_up_at_the_links_that_it_prints_until_it_is_stopped(
    environment: dict[str, str], folder: Path
) -> None:
    small = {"model": {"hidden_layers": [8]}, "training": {"epochs": 1, "batch_size": 1000}}
    program = f"import api.cli.demo as module; module.SPEC.update({small}); module.demo()"
    command = [sys.executable, "-c", program, "--keep", "--json"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        said = [next(line for line in demo.stderr if "The service stays up until Ctrl-C" in line)]
        while "draw digits" not in said[-1]:
            said.append(demo.stderr.readline())
        result = json.loads(demo.stdout.readline())
        links = [line.strip() for line in said if "://" in line]
        with Client(links[0].partition("/#")[0]) as client:
            model = client.model(result["model_id"])
        demo.send_signal(signal.SIGINT)
        rest = demo.stderr.read()

    assert [link.partition("/#")[2] for link in links] == [
        f"/train?runs={result['job_id']}",
        f"/draw?model={result['model_id']}",
    ]
    assert model.metrics["test_accuracy"] == result["test_accuracy"]
    assert demo.returncode == 0
    assert rest.endswith("Stopped; nothing is left behind.\n")
    assert processes_under(folder) == []
    assert list(folder.iterdir()) == []


def ready_url(up: subprocess.Popen[str]) -> str:
    """Where an `up` says that it is ready."""
    assert up.stdout is not None
    line = up.stdout.readline()
    assert line.startswith("neurond is ready at http://127.0.0.1:")
    return line.split()[-1]


@pytest.mark.faults
def test_a_killed_up_leaves_its_two_servers_that_the_next_one_adopts(environment: dict[str, str], folder: Path) -> None:
    data = folder / "up"
    command = [*NEUROND, "up", "--port", "0", "--data", str(data)]

    def servers() -> list[str]:
        return [line for line in processes_under(data) if "valkey" in line]

    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as first:
        with Client(ready_url(first)) as client:
            job_id = client.submit({"dataset": "mnist", "training": {"epochs": 10_000}})["id"]
        first.kill()
    wait_until(lambda: processes_under(data) == servers())
    left = servers()

    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as second:
        with Client(ready_url(second)) as client:
            wait_until(lambda: client.job(job_id)["status"] == "running")
            adopted = servers()
            client.cancel(job_id)
        begun = time.monotonic()
        second.terminate()
        second.communicate(timeout=30)

    assert sorted(left) == sorted(adopted)
    assert len(left) == 2, "one keeps the records, one is the exchange"
    assert second.returncode == 0
    assert time.monotonic() - begun < 15
    assert processes_under(data) == []


@pytest.mark.whole
def test_an_up_whose_terminal_is_closed_stops_everything(environment: dict[str, str], folder: Path) -> None:
    data = folder / "closed"
    ours, theirs = os.openpty()
    up = shlex.join([*NEUROND, "up", "--port", "0", "--data", str(data)])
    script = f"exec {up} < {os.ttyname(theirs)} > {os.ttyname(theirs)} 2>&1"

    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # where the tests themselves run under nohup
    try:
        process = subprocess.Popen(["sh", "-c", script], env=environment, start_new_session=True)
    finally:
        signal.signal(signal.SIGHUP, before)
    with process:
        said = b""
        while b"Stop with Ctrl-C" not in said:
            said += os.read(ours, 1000)
        os.close(theirs)
        os.close(ours)
        process.wait(30)

    assert process.returncode == 0
    assert processes_under(data) == []


def test_what_a_closed_terminal_does_not_take_is_no_failure(environment: dict[str, str]) -> None:
    """Python writes what is left once more when it ends, and exits with 120 where that fails."""
    ours, theirs = os.openpty()
    program = (
        "import signal, sys, time; from api.cli.up import say_at_the_end; "
        "signal.signal(signal.SIGHUP, signal.SIG_IGN); "
        "print('ready', flush=True); time.sleep(0.5); sys.stdout.write('left'); "
        "say_at_the_end('stopped')"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, env=environment, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        os.read(ours, 1000)
        os.close(ours)

    assert process.returncode == 0


def test_under_nohup_a_closed_terminal_is_no_end() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible():
            signal.raise_signal(signal.SIGHUP)
            with pytest.raises(Interrupted):
                signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_up_says_what_to_do_when_its_port_is_taken(environment: dict[str, str], folder: Path) -> None:

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*NEUROND, "up", "--port", str(port), "--data", str(folder / "p")],
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
        )

    assert done.returncode == 1
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_another_address_needs_keys_or_insecure(environment: dict[str, str]) -> None:
    for command in ("up", "api"):
        done = subprocess.run(
            [*NEUROND, command, "--host", "0.0.0.0"], env=environment, capture_output=True, text=True, timeout=30
        )
        assert done.returncode == 2
        assert "NEUROND_API_KEYS" in done.stderr


def test_a_setting_that_cannot_be_used_is_named(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [*NEUROND, "up"],
        env=environment | {"NEUROND_MAX_QUEUED_JOBS": "many"},
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.returncode == 1
    assert "NEUROND_MAX_QUEUED_JOBS" in done.stderr
