"""The client is a package of its own: small to import, and the API's answers have the shapes that it knows."""

import runpy
import subprocess
import sys

import neurond
from api import client as before
from neurond import handles
from tests.support.pages import ROOT

OF_THE_SERVICE = ("api", "worker", "nn", "redis", "celery", "kombu", "flask", "gunicorn", "numpy", "orjson", "obstore")

LOADED = """
import httpx, httpx_retries, httpx_sse, pydantic, sys  # httpx has a command line, and takes rich and click where it can
before = set(sys.modules)
from neurond import Client
Client("http://127.0.0.1:1").close()
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
"""


def test_the_client_brings_nothing_of_the_service() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())

    assert "neurond" in loaded
    assert not loaded & {*OF_THE_SERVICE, "rich", "click"}


def test_the_client_is_found_under_its_old_name() -> None:
    assert all(getattr(before, name) is getattr(neurond, name) for name in neurond.__all__)


def test_the_things_that_the_client_gives_can_be_asked_for_more() -> None:
    assert [neurond.Job, neurond.Dataset, neurond.Model, neurond.Alias] == handles.Handle.__subclasses__()


def test_the_shapes_of_the_client_are_those_of_the_description() -> None:
    written = (ROOT / "neurond" / "answers.py").read_text("utf-8")

    assert written == runpy.run_path(str(ROOT / "docs" / "answers.py"))["write"](), "run: python docs/answers.py"
