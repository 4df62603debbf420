"""What CONTRIBUTING.md says of the sources."""

import re

import pytest

from tests.support.pages import ROOT

SOURCES = [path for part in ("nn", "worker", "api", "tests", "benchmarks") for path in (ROOT / part).rglob("*.py")]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TASKS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))


def test_the_formatter_has_every_line_and_each_exception_of_the_linter_its_reason() -> None:
    lines = [(path, line) for path in SOURCES for line in path.read_text("utf-8").splitlines()]

    assert [(path, line) for path, line in lines if "# fmt" + ": " in line] == []
    assert [(path, line) for path, line in lines if re.search(r"noqa: [A-Z0-9, ]+$", line)] == []


@pytest.mark.parametrize(
    "file", [".ci/run", ".github/workflows/check.yml", "CONTRIBUTING.md", ".pre-commit-config.yaml"]
)
def test_the_tasks_that_are_called_are_those_of_the_makefile(file: str) -> None:
    text = (ROOT / file).read_text("utf-8")
    called = {word for line in re.findall(r"\bmake (?:BIN=\S+ )?([a-z ]+)", text) for word in line.split()}

    assert called & TASKS, file
    assert {word for word in called if word.isalpha()} <= TASKS | {"lists", "the", "are", "and"}, file


def test_the_page_for_contributors_names_folders_that_there_are() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    folders = re.findall(r"`((?:nn|worker|api|tests|docs)/[\w/.]*)`", page)

    assert folders
    assert [folder for folder in folders if not (ROOT / folder).exists()] == []
