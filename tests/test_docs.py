"""The documentation is held to the code: its Python runs, its JSON is taken."""

import json
import re
import runpy
from pathlib import Path

import pytest

from worker.spec import JobSpec

DOCS = Path(__file__).parent.parent / "docs"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)


def test_the_articles_python_runs_and_holds() -> None:
    found = blocks("article.md", "python")

    exec(compile("\n".join(found), "docs/article.md", "exec"), {"__name__": "article"})

    assert len(found) == 6


def test_the_articles_exercises_are_jobs() -> None:
    page = (DOCS / "article.md").read_text("utf-8")
    exercises = re.findall(r'^\| [^|]+ \| `("(?:model|training)".*)` \|$', page, re.MULTILINE)
    [job] = [json.loads(block) for block in blocks("article.md", "json")]

    specs = [JobSpec.model_validate(job | json.loads("{" + exercise + "}")) for exercise in exercises]

    assert len(specs) == 10


def test_the_reference_is_what_the_code_says() -> None:
    written = (DOCS / "reference.md").read_text("utf-8")

    assert written == runpy.run_path(str(DOCS / "reference.py"))["write"](), "run: python docs/reference.py"


@pytest.mark.parametrize("page", sorted(path.name for path in DOCS.glob("*.md")))
def test_blocks_are_of_a_kind_that_is_tested_or_shown(page: str) -> None:
    languages = re.findall(r"^```(\w*)$", (DOCS / page).read_text("utf-8"), re.MULTILINE)

    assert {language for language in languages if language} <= {
        "sh",
        "python",
        "json",
        "yaml",
        "mermaid",
        "text",
        "console",
    }
