"""`neurond up` in a folder that has packages of the same names as ours, as any web project may."""

import shlex
import sys
from pathlib import Path

import pytest

from neurond import Client
from tests.support.pages import ROOT
from tests.support.processes import running

DECOYS = (
    "api/__init__.py",
    "neurond/__init__.py",
    "worker/__init__.py",
    "nn/__init__.py",
    "redis.py",
    "numpy.py",
    "orjson.py",
)
COMMAND = [sys.executable, "-P", "-c", "from api.cli import main; main()"]
"""As the installed command begins: the current folder is no place to look for modules."""


@pytest.mark.whole
def test_folders_of_our_packages_names_are_not_taken_for_them(tmp_path: Path, monkeypatch) -> None:
    for name in DECOYS:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("raise ImportError('a decoy was imported')\n")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    table = tmp_path / "table.csv"
    table.write_text("a,b,c\n" + "1,2,x\n2,1,y\n" * 20)

    with running("neurond up", tmp_path, neurond=shlex.join(COMMAND)) as (*_, url), Client(url) as client:
        dataset = client.upload(table).wait()
        job = client.submit({"dataset": dataset.id, "training": {"epochs": 1}}).wait()
        answer = client.predict(job.model_id, [[1, 2]])

    assert len(answer.predictions) == 1
