"""The README is held to the code."""

import re
import tomllib
from pathlib import Path

import pytest
from flask import Flask

from api.app import create_app
from api.errors import STATUSES
from benchmarks.report import rewritten, with_attacks, with_faults
from worker.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
SECURITY = (ROOT / "docs" / "security.md").read_text("utf-8")
RELIABILITY = (ROOT / "docs" / "reliability.md").read_text("utf-8")
HTTP = (ROOT / "docs" / "http.md").read_text("utf-8")


def settings_table() -> list[str]:
    rows = []
    for name, field in Settings.model_fields.items():
        default = field.default if isinstance(field.default, str | int | float) else ""
        shown = f"`{default:g}`" if isinstance(default, float) else f"`{default}`" if default != "" else ""
        rows.append(f"| `{PREFIX}{name.upper()}` | {shown} | {field.description} |")
    return rows


def test_the_table_of_settings_is_the_settings() -> None:
    rows = [line for line in README.splitlines() if line.startswith(f"| `{PREFIX}")]

    assert rows == settings_table()


def test_every_dependency_has_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    table = README.partition("## Dependencies")[2].partition("\n## ")[0]
    described = {
        name.strip()
        for row in re.findall(r"^\| ([a-z][a-z0-9, -]*?) \|", table, re.MULTILINE)
        for name in row.split(",")
    }

    needed = {re.split(r"[\[>=;@ ]", requirement)[0] for requirement in project["dependencies"]}

    assert described - {"package"} == needed


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(Settings())


def test_every_route_is_described(app: Flask) -> None:
    routes = {
        (method, re.sub(r"<[\w:]+>", "{}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    described = {
        (method, re.sub(r"{\w+}", "{}", path))
        for method, path in re.findall(r"^\| `(GET|POST|PUT|DELETE) (/[^` ?]*)", HTTP, re.MULTILINE)
    }

    assert described == routes


def test_the_figures_are_those_of_the_results() -> None:
    assert rewritten(README) == README, "run: python -m benchmarks report"
    assert with_faults(RELIABILITY) == RELIABILITY, "run: python -m benchmarks report"
    assert with_attacks(SECURITY) == SECURITY, "run: python -m benchmarks report"


def test_every_error_is_described() -> None:
    rows = re.findall(r"^\| (\d{3}) \| (.+) \|$", HTTP, re.MULTILINE)

    assert {int(status): when for status, when in rows} == STATUSES


def test_local_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


SOUGHT = [
    "state machine",
    "crash recovery",
    "load shedding",
    "batch predictions",
    "micro-batching",
    "queue position",
    "momentum formula",
    "CSV reader",
]


def test_the_map_of_the_code_has_every_room_and_what_a_stranger_seeks() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rooms = {f"{path.parent.name}/" for top in ("api", "worker", "nn") for path in (ROOT / top).glob("*/__init__.py")}
    rows = [row.split("|")[1:3] for row in page.splitlines() if row.startswith("| ")]
    places = dict(rows)

    assert {room for room in rooms if room not in page} == set()
    for sought in SOUGHT:
        assert any(sought in what and "](../" in where for what, where in places.items()), sought
