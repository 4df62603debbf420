"""The corpus of reduced inputs goes through every target, and the fuzzer has what it needs."""

from importlib import import_module

import pytest

from benchmarks import fuzz
from benchmarks.fuzz.targets import CORPUS, TARGETS

MOST_BYTES = 4096


@pytest.mark.parametrize("name", TARGETS)
def test_every_input_of_the_corpus_is_taken_or_refused(name: str) -> None:
    target = import_module(TARGETS[name].module)
    inputs = sorted((CORPUS / name).iterdir())

    for path in inputs:
        try:
            target.one(path.read_bytes())
        except Exception as error:
            raise AssertionError(f"{path.relative_to(CORPUS)}: {error!r}") from error

    assert inputs
    target.one(b"")


def test_the_corpus_is_small_and_belongs_to_targets() -> None:
    sizes = {path: path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()}

    assert {path.parent.name for path in sizes} == set(TARGETS)
    assert max(sizes.values()) <= MOST_BYTES
    assert sum(sizes.values()) < 256 * 1024


def test_figures_become_a_line_a_target() -> None:
    results = {name: {"inputs": 1_000, "broken": 0} for name in TARGETS}

    lines = fuzz.table({"seconds": 20, "targets": results}).splitlines()

    assert len(lines) == 2 + len(TARGETS)
    assert "| model files: load, save, load, predict | 1,000 | 0 |" in lines
