"""What another user of the machine learns of a service, and who knows its keys."""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from api.local.stack import LOCK, Stack, keep_private
from tests.support.processes import NEUROND, pids_of, plain_environment
from worker.settings import Settings

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can try it as another user")
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

TRY = """
import encodings.idna, json, os, socket, sys, urllib.error, urllib.request

folder, url, user = sys.argv[1:]
os.setgroups([])
os.setgid(int(user))
os.setuid(int(user))

def outcome(step):
    try:
        return step()
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        return type(error).__name__

def connect(name):
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(f"{folder}/{name}")

print(json.dumps({
    "list": outcome(lambda: os.listdir(folder)),
    "key": outcome(lambda: open(f"{folder}/api-key").read()),
    "aof": outcome(lambda: os.listdir(f"{folder}/appendonlydir")),
    "blobs": outcome(lambda: os.listdir(f"{folder}/blobs")),
    "log": outcome(lambda: open(f"{folder}/logs/api.log").read()),
    "redis": outcome(lambda: connect("valkey.sock")),
    "exchange": outcome(lambda: connect("exchange.sock")),
    "models": outcome(lambda: urllib.request.urlopen(f"{url}/v1/models").status),
    "jobs": outcome(lambda: urllib.request.urlopen(f"{url}/v1/jobs", b"{}").status),
    "health": outcome(lambda: urllib.request.urlopen(f"{url}/healthz").status),
}))
"""


@pytest.fixture(scope="module")
def stack(folder: Path, short_leases: None) -> Iterator[Stack]:
    """A service with a drawn key, beside those of the settings, started by someone whose umask hides nothing."""
    before = os.umask(0)
    folder.chmod(0o755)
    try:
        with pytest.MonkeyPatch.context() as patch, ExitStack() as running:
            patch.setenv("NEUROND_API_KEYS", "plain-full-key")
            patch.setenv("NEUROND_READ_KEYS", "plain-read-key")
            data, settings = folder / "neurond-data", Settings.from_environment()
            stack = Stack(settings, folder=data, host="127.0.0.1", port=0, with_key=True, tell=print)
            running.enter_context(stack)
            patch.undo()  # the services have what they need of it
            yield stack
    finally:
        os.umask(before)


def test_every_file_is_its_owners_alone(stack: Stack, folder: Path) -> None:
    made = httpx.post(f"{stack.url}/v1/datasets", content=b"a,b\n1,x\n2,y\n" * 20, headers=bearer(stack.key))
    assert made.status_code == 202

    data = folder / "neurond-data"
    open_to_others = [path for path in [data, *data.rglob("*")] if path.lstat().st_mode & 0o077]
    assert open_to_others == []


@as_root
def test_another_user_reads_nothing_and_calls_nothing(stack: Stack, folder: Path) -> None:
    command = [sys.executable, "-c", TRY, str(folder / "neurond-data"), stack.url, str(NOBODY)]

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    tried = json.loads(done.stdout)
    assert tried.pop("health") == 200
    assert (tried.pop("models"), tried.pop("jobs")) == (401, 401)
    assert set(tried.values()) == {"PermissionError"}, tried


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_the_drawn_key_and_those_of_the_settings_open_the_api(stack: Stack) -> None:
    def status(key: str) -> int:
        return httpx.get(f"{stack.url}/v1/models", headers=bearer(key)).status_code

    assert [status(key) for key in (stack.key, "plain-full-key", "plain-read-key", "other")] == [200, 200, 200, 401]


@linux
def test_no_process_has_a_key_in_its_environment_and_only_the_api_has_hashes(stack: Stack) -> None:
    for service in stack.services:
        main, children = pids_of(stack, service.name)
        for pid in (main, *children):
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            assert b"plain-" not in environment, service.name
            assert stack.key.encode() not in environment, service.name
            assert (b"NEUROND_API_KEYS=sha256:" in environment) == (service.name == "api")
            if service.name in {"valkey", "exchange"}:
                assert b"NEUROND_" not in environment


def test_the_command_line_finds_the_key_where_the_service_was_started(stack: Stack, folder: Path) -> None:
    command = [*shlex.split(NEUROND), "models", "--json", "--url", stack.url]
    environment = plain_environment()

    here = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    elsewhere = subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True)

    assert (here.returncode, here.stdout) == (0, "[]\n"), here.stderr
    assert elsewhere.returncode == 1
    assert "NEUROND_API_KEY_FILE" in elsewhere.stderr


def test_no_secret_is_in_what_is_printed_of_a_service(stack: Stack) -> None:
    assert "NEUROND_" not in repr(stack.services)


def test_an_open_folder_of_an_earlier_version_is_closed_and_a_strange_one_is_left(tmp_path: Path) -> None:
    earlier, empty, strange, new = (tmp_path / name for name in ("earlier", "empty", "strange", "a/b/new"))
    for folder in (earlier, empty, strange):
        folder.mkdir(mode=0o755)
    (earlier / LOCK).touch()
    (strange / "photo.jpg").touch()

    for folder in (earlier, empty, strange, new):
        keep_private(folder)

    modes = [folder.stat().st_mode & 0o777 for folder in (earlier, empty, strange, new)]
    assert modes == [0o700, 0o700, 0o755, 0o700]


@pytest.mark.whole
def test_the_service_answers_on_ipv6_under_its_own_address(short_leases: None) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="nd-") as name,
        Stack(Settings.from_environment(), folder=Path(name), host="::1", port=0, tell=print) as stack,
    ):
        assert stack.url.startswith("http://[::1]:")
        assert httpx.get(f"{stack.url}/v1/models").status_code == 200
        assert httpx.get(f"{stack.url}/v1/models", headers={"Host": "rebound.example"}).status_code == 400
