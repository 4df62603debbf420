"""The documentation is held to the code: its commands and its Python are run, its JSON is taken."""

import ast
import json
import re
import runpy
import shlex
import tomllib

import click
import pytest

from api.cli import main
from benchmarks.__main__ import parser
from tests.support.pages import DOCS, PAGES, ROOT, blocks, spoken
from worker.credentials import FILE_SUFFIX
from worker.jobspec import JobSpec
from worker.settings import PREFIX, Settings

NOT_RUN = {
    "pip install 'neurond[otel]'": "from an index; what it brings is in the tests' own environment",
    "pip install --upgrade neurond": "from an index",
}
"""Commands that no test runs, and why."""

BENCHMARK = "python -m benchmarks "
"""What follows is taken by the benchmark itself; most run for minutes, and CI runs that of the faults."""

COMPOSE = "docker compose "
"""What follows is run by `.ci/compose`, where there is Docker."""


def test_every_block_of_commands_is_run_by_a_test() -> None:
    found = {(page, block.heading): block.text for page in PAGES for block in blocks(page, "sh")}
    benchmarks = {place for place, text in found.items() if text.startswith(BENCHMARK)}

    assert found.keys() - benchmarks == run_by_tests()


def run_by_tests() -> set[tuple[str, str]]:
    """Page and heading of each block that a test runs as it is written: what the markers `runs` in tests/e2e say."""
    marked = set()
    for module in (ROOT / "tests" / "e2e").glob("test_*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.runs":
                page, *headings = map(ast.literal_eval, node.args)
                marked |= {(page, heading) for heading in headings}
    return marked


def test_every_command_in_a_sentence_is_one_that_there_is() -> None:
    deployment = (ROOT / ".ci" / "compose").read_text("utf-8")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    lines = [line for page in PAGES for block in blocks(page, "sh") for line in block.text.splitlines()]
    said = {*(command for page in PAGES for command in spoken(page)), *lines}
    checked = set()

    for command in said:
        if command.startswith(BENCHMARK):
            parser().parse_args(shlex.split(command)[3:])
            checked.add(BENCHMARK)
        elif command.startswith(COMPOSE):
            assert command in deployment.splitlines(), f".ci/compose does not run: {command}"
            checked.add(COMPOSE)
        elif command in NOT_RUN:
            checked.add(command)
            assert set(re.findall(r"\[(\w+)\]", command)) <= extras.keys()
        elif command.startswith("neurond "):
            exists(command)
        else:
            assert command in (*lines, "python docs/reference.py"), f"nothing runs it: {command}"

    assert checked == {BENCHMARK, COMPOSE, *NOT_RUN}


def exists(command: str) -> None:
    """Fail unless this is a command of ours, with options that it has."""
    _, name, *words = shlex.split(command)
    taken = main.get_command(click.Context(main), name)
    assert taken is not None, command
    options = {option for parameter in taken.params for option in parameter.opts} | {"--help"}
    assert {word for word in words if word.startswith("-")} <= options, command


def test_the_settings_that_the_pages_name_are_settings() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {
        "NEUROND_URL",
        "NEUROND_API_KEY",
        "NEUROND_API_KEY_FILE",
    }
    known |= {variable + FILE_SUFFIX for variable in Settings.secrets()}
    named = {name for path in PAGES.values() for name in re.findall(r"NEUROND_[A-Z]\w+", path.read_text("utf-8"))}

    assert {name for name in named if not any(one.startswith(name) for one in known)} == set()


def test_the_page_about_security_names_the_bounds_that_there_are_and_all_of_them() -> None:
    page = (DOCS / "security.md").read_text("utf-8")
    named = set(re.findall(r"NEUROND_([A-Z_]+)", page))
    fields = {name.upper() for name in Settings.model_fields}
    bounds = {name for name in fields if re.match("(MAX|MIN)_", name) or re.search("(QUOTA|RETENTION)", name)}

    assert {name for name in named - fields if name.removesuffix("_FILE") not in fields} == set()
    assert bounds - named == set(), "docs/security.md: What is bounded where"


def test_the_part_that_steers_a_training_has_one_name() -> None:
    """Validation: what is not learned from and steers; the test part is measured once, at the end."""
    static = ROOT / "api" / "static"
    texts = [*DOCS.glob("*.md"), ROOT / "README.md", *static.rglob("*.js"), *(ROOT / "api" / "cli").rglob("*.py")]

    assert {path.name for path in texts if re.search(r"held.out", path.read_text("utf-8"), re.IGNORECASE)} == set()


def test_the_articles_python_runs_and_holds() -> None:
    found = [block.text for block in blocks("article.md", "python")]

    exec(compile("\n".join(found), "docs/article.md", "exec"), {"__name__": "article"})

    assert len(found) == 6


def test_the_articles_exercises_are_jobs() -> None:
    page = (DOCS / "article.md").read_text("utf-8")
    exercises = re.findall(r'^\| [^|]+ \| `("(?:model|training)".*)` \|$', page, re.MULTILINE)
    [job] = [json.loads(block.text) for block in blocks("article.md", "json")]

    specs = [JobSpec.model_validate(job | json.loads("{" + exercise + "}")) for exercise in exercises]

    assert len(specs) == 10


def test_the_job_of_the_http_page_is_taken() -> None:
    [job] = [json.loads(block.text) for block in blocks("http.md", "json", "A job")]

    assert JobSpec.model_validate(job).preset == "article"


def test_the_examples_are_what_is_answered_for_the_records_of_the_documentation() -> None:
    examples = runpy.run_path(str(DOCS / "examples.py"))

    assert examples["PAGE"].read_text("utf-8") == examples["write"](), "run: python docs/reference.py"


def test_the_reference_is_what_the_code_says() -> None:
    written = (DOCS / "reference.md").read_text("utf-8")

    assert written == runpy.run_path(str(DOCS / "reference.py"))["write"](), "run: python docs/reference.py"


@pytest.mark.parametrize("page", PAGES)
def test_blocks_are_of_a_kind_that_is_tested_or_shown(page: str) -> None:
    assert {block.language for block in blocks(page)} <= {"sh", "python", "json", "yaml", "mermaid", "text"}
