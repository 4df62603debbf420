"""`neurond worker`, `neurond api`, `neurond up`: what they try before they begin."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import main
from tests.support import s3


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that this process would have become."""
    commands: list[list[str]] = []
    monkeypatch.setattr("api.cli.services._become", lambda command, environment: commands.append(command))
    return commands


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with s3.serve() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("NEUROND_BLOB_URL", f"s3://{s3.BUCKET}/prefix")
        yield


def test_with_a_store_that_works_they_begin(begun: list[list[str]]) -> None:
    assert CliRunner().invoke(main, ["worker", "files"]).exit_code == 0
    assert CliRunner().invoke(main, ["api"]).exit_code == 0

    assert len(begun) == 2


def test_a_worker_ends_with_the_name_of_the_variable_that_is_wrong(
    begun: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "unknown")

    result = CliRunner().invoke(main, ["worker", "training"])

    assert result.exit_code == 1
    assert "AWS_ACCESS_KEY_ID is not known there" in result.stderr
    assert begun == []


def test_the_api_warns_and_begins(begun: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROND_BLOB_URL", "s3://another/prefix")

    result = CliRunner().invoke(main, ["api"])

    assert result.exit_code == 0
    assert "there is no such bucket" in result.stderr
    assert len(begun) == 1


def test_up_ends_before_it_starts_anything(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_ALLOW_HTTP", "")

    result = CliRunner().invoke(main, ["up", "--port", "0", "--data", str(tmp_path)])

    assert result.exit_code == 1
    assert "AWS_ALLOW_HTTP=true" in result.stderr
    assert not list(tmp_path.glob("*.sock"))
