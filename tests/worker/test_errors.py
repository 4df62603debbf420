"""Errors name their codes themselves, and every list of codes is made of them."""

import inspect
import re
from types import ModuleType

import pytest

import nn.errors
import worker.errors
from api.schemas.jobs import JobError
from nn.errors import DataError, DivergenceError, NNError, RowError, SpecError
from tests.support.pages import DOCS
from worker.errors import (
    BlobError,
    BlobMissingError,
    NeurondError,
    QuotaExceededError,
    RecordTooLargeError,
    StorageFullError,
    codes,
)
from worker.jobspec import CATALOGUE
from worker.runtime.failures import describe

ALL = codes() | set(CATALOGUE["errors"])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SpecError("x"), "invalid_spec"),
        (DataError("x"), "invalid_data"),
        (RowError(1, None, "x"), "invalid_data"),
        (DivergenceError(1, 1, float("nan")), "diverged"),
        (RecordTooLargeError("model", 2, 1), "invalid_data"),
        (BlobMissingError("x"), "blob_missing"),
        (BlobError("x"), "storage_failed"),
        (StorageFullError("x"), "storage_failed"),
        (QuotaExceededError(2, 1), "quota_exceeded"),
        (MemoryError(), "memory_limit"),
        (KeyError("x"), "internal_error"),
    ],
)
def test_a_record_says_the_code_of_what_went_wrong(error: Exception, code: str) -> None:
    assert describe(error, [])["code"] == code
    assert describe(error, [])["message"]


def test_the_documented_codes_are_those_that_there_are() -> None:
    said = (DOCS / "http.md").read_text("utf-8").partition("The codes of\nall records: ")[2].partition(".")[0]

    assert re.findall(r"`(\w+)`", said) == sorted(ALL)
    assert re.findall(r"`(\w+)`", str(JobError.model_json_schema()["properties"]["code"])) == sorted(ALL)


@pytest.mark.parametrize(("module", "base"), [(nn.errors, NNError), (worker.errors, NeurondError)])
def test_the_tree_at_the_top_of_the_file_has_every_error(module: ModuleType, base: type[Exception]) -> None:
    kinds = [kind for _, kind in inspect.getmembers(module, inspect.isclass) if issubclass(kind, base)]

    drawn = re.findall(r"\w+Error", str(module.__doc__))

    assert {kind.__name__ for kind in kinds} == set(drawn) - {"MemoryError"}
