"""What the reading process may touch, tried in a process that gave up the rest."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from worker.environment import harmless, of_blobs, without_api_keys
from worker.ingest import process
from worker.settings import Settings

LIBC = ctypes.CDLL(None, use_errno=True)
VERSION = LIBC.syscall(444, None, ctypes.c_size_t(0), 1) if sys.platform == "linux" else 0
landlock = pytest.mark.skipif(VERSION < 4, reason="this kernel has no Landlock, or an early one")

TRY = """
import json, os, signal, socket, sys
from worker.ingest.confine import confine

blobs, secret, port = sys.argv[1:]
held = confine(f"file://{blobs}")

def outcome(step):
    try:
        step()
    except OSError as error:
        return type(error).__name__
    return "done"

def write(path):
    with open(path, "w") as file:
        file.write("x")

def rename():
    write(f"{blobs}/a")
    os.makedirs(f"{blobs}/deep", exist_ok=True)
    os.rename(f"{blobs}/a", f"{blobs}/deep/b")
    with open(f"{blobs}/deep/b") as file:
        assert file.read() == "x"
    os.remove(f"{blobs}/deep/b")

steps = {
    "read secret": lambda: open(secret).close(),
    "read passwd": lambda: open("/etc/passwd").close(),
    "list home": lambda: os.listdir(os.path.expanduser("~")),
    "read environment": lambda: open(f"/proc/{os.getppid()}/environ").close(),
    "write outside": lambda: write(secret + ".new"),
    "connect": lambda: socket.create_connection(("127.0.0.1", int(port))).close(),
    "listen": lambda: socket.create_server(("127.0.0.1", 0)).close(),
    "kill parent": lambda: os.kill(os.getppid(), 0),
    "use blobs": rename,
    "import": lambda: __import__("sqlite3") and __import__("numpy") and __import__("nn"),
}
import ctypes
answer = {name: outcome(step) for name, step in steps.items()}
print(json.dumps({"held": held, "no_new_privs": ctypes.CDLL(None).prctl(39, 0, 0, 0, 0), **answer}))
"""


@landlock
def test_the_reader_touches_the_blob_store_and_nothing_else(tmp_path: Path) -> None:
    blobs, secret = tmp_path / "blobs", tmp_path / "secret"
    secret.write_text("hands off")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        command = [sys.executable, "-c", TRY, str(blobs), str(secret), port]
        done = subprocess.run(command, capture_output=True, text=True, check=True)

    tried = json.loads(done.stdout)
    kept = {name: tried.pop(name) for name in ("use blobs", "import")}
    assert (tried.pop("held"), tried.pop("no_new_privs")) == (True, 1)
    assert kept == {"use blobs": "done", "import": "done"}
    if VERSION < 6:  # signals are not held back
        del tried["kill parent"]
    assert set(tried.values()) == {"PermissionError"}, tried


def test_where_there_is_no_landlock_the_reader_reads_all_the_same(tmp_path: Path) -> None:
    program = (
        "import ctypes; from worker.ingest import confine as module\n"
        "class Libc:\n"
        "    def prctl(self, *_): return 0\n"
        "    def syscall(self, *_): return -1\n"
        "module.ctypes.CDLL = lambda *_, **__: Libc()\n"
        f"print(module.confine('file://{tmp_path}'), open('/etc/passwd').read(4) == 'root')"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "True"]


def test_the_reader_knows_no_secret_of_the_service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secrets = {
        "NEUROND_API_KEYS": "k3y",
        "NEUROND_REDIS_URL": "redis://:k3y@h/0",
        "AWS_SECRET_ACCESS_KEY": "k3y",
        "GITHUB_TOKEN": "k3y",
        "OTEL_EXPORTER_OTLP_HEADERS": "k3y",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    started, environments = subprocess.Popen, []

    def start(*arguments: object, **options: dict) -> subprocess.Popen[bytes]:
        environments.append(options["env"])
        child = started(*arguments, **options)
        os.kill(child.pid, signal.SIGKILL)
        return child

    monkeypatch.setattr(process.subprocess, "Popen", start)  # type: ignore[attr-defined]
    for url in (f"file://{tmp_path}", "s3://bucket"):
        process.run_child({"do": "x"}, Settings(blob_url=url), seconds=5, should_stop=lambda: False)

    in_a_folder, in_s3 = environments
    assert "k3y" not in in_a_folder.values()
    assert {name for name, value in in_s3.items() if value == "k3y"} == {"AWS_SECRET_ACCESS_KEY"}
    assert in_a_folder["PATH"] == os.environ["PATH"]


def test_what_each_is_given_of_the_environment() -> None:
    environment = {
        "PATH": "p",
        "LC_ALL": "C",
        "PYTHONPATH": "l",
        "https_proxy": "h",
        "GOOGLE_X": "g",
        "AWS_X": "a",
        "NEUROND_API_KEYS": "k",
        "NEUROND_READ_KEYS_FILE": "f",
        "NEUROND_REDIS_URL": "r",
    }

    assert set(harmless(environment)) == {"PATH", "LC_ALL", "PYTHONPATH"}
    assert set(of_blobs(environment, "gs://b/x")) == {"https_proxy", "GOOGLE_X"}
    assert of_blobs(environment, "file:///x") == {}
    assert set(environment) - set(without_api_keys(environment)) == {"NEUROND_API_KEYS", "NEUROND_READ_KEYS_FILE"}
