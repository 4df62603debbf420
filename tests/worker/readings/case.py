"""One file and what it means: the rows of the tables beside this module, and how they are checked."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np

from nn.data.columns import Column
from nn.data.dates import text_of
from nn.data.parse_results import ParsedArrays, ParsedTable
from nn.data.prepare import Choices, Prepared, prepare
from nn.errors import NNError
from worker.ingest.read import parse
from worker.jobspec.dataset import DatasetSpec

INSIDE = ("universal-newline", "object at 0x", "arro3", "DataType", "Traceback", "codec can't", "_csv", "dtype")
"""What no message may show: the insides of Python, of its csv module, of Arrow."""


@dataclass(frozen=True)
class Case:
    """A small file (text stands for its UTF-8), what its sender says of it (`spec`), and what it means.

    columns: all that the table keeps, in order, with the value of each row: a number, a category's text, a moment's, None for a
    missing value. ignored: all that it leaves out, with a part of the reason. notes, silent: parts of what the notes
    say, and of what they do not. error: parts of the message where the file is refused.
    target, task, classes, counts (rows of each class), rows (with a target): what is learned.
    """

    id: str
    data: str | bytes
    spec: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, Sequence[float | str | None]] | None = None
    ignored: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    silent: Sequence[str] = ()
    error: Sequence[str] = ()
    target: str | None = None
    task: str | None = None
    classes: Sequence[str] | None = None
    counts: Sequence[int] | None = None
    rows: int | None = None

    def __str__(self) -> str:
        return self.id

    @property
    def file(self) -> BinaryIO:
        return io.BytesIO(self.data.encode() if isinstance(self.data, str) else self.data)


def check(case: Case) -> None:
    """Fail unless the file is read as the case says."""
    spec = DatasetSpec.model_validate({"test_split": 0, **case.spec})
    try:
        parsed, prepared = _read(case, spec)
    except NNError as error:
        message = str(error)
        assert case.error, f"refused: {message}"
        _says([message], case.error)
        assert not [inside for inside in INSIDE if inside in message], message
        return
    notes = (*parsed.notes, *(prepared.notes if prepared else ()))
    assert not case.error, f"read, though {case.error}: {parsed}"
    if case.columns is not None:
        assert isinstance(parsed, ParsedTable)
        _equal(cells_of(parsed), case.columns)
        assert sorted(parsed.ignored) == sorted(case.ignored), parsed.ignored
        for name, reason in case.ignored.items():
            _says([parsed.ignored[name]], [reason])
    _says(notes, case.notes)
    assert not [part for part in case.silent if any(part in note for note in notes)], notes
    if prepared:
        _learned(case, prepared)


def _read(case: Case, spec: DatasetSpec) -> tuple[ParsedTable | ParsedArrays, Prepared | None]:
    _, parsed = parse({"file": case.file}, spec)
    learned = (case.error, case.target, case.task, case.classes, case.counts, case.rows)
    if all(expected in (None, ()) for expected in learned):
        return parsed, None
    return parsed, prepare(parsed, Choices("case", spec.target, spec.task, spec.test_split))


def _learned(case: Case, prepared: Prepared) -> None:
    dataset = prepared.dataset
    if case.target is not None:
        assert prepared.target == case.target
    if case.task is not None:
        assert dataset.task == case.task
    if case.classes is not None:
        assert dataset.classes == tuple(case.classes)
    if case.counts is not None:
        assert np.bincount(dataset.y_train, minlength=len(dataset.classes)).tolist() == list(case.counts)
    if case.rows is not None:
        assert len(dataset.x_train) == case.rows


def cells_of(table: ParsedTable) -> dict[str, list[float | str | None]]:
    """The table by columns: numbers, categories as text, None for what is missing."""
    return {
        column.name: [
            None if np.isnan(value) else _said(value, column)
            for value in table.values[:, place]
        ]
        for place, column in enumerate(table.columns)
    }


def _said(value: float, column: Column) -> float | str:
    if column.kind == "date":
        return text_of(value)
    return column.categories[int(value)] if column.categories else float(value)


def _equal(found: Mapping[str, Sequence[Any]], expected: Mapping[str, Sequence[Any]]) -> None:
    assert list(found) == list(expected)
    for name, values in expected.items():
        assert found[name] == list(values), f"column {name!r}"


def _says(texts: Sequence[str], parts: Sequence[str]) -> None:
    missing = [part for part in parts if not any(part in text for text in texts)]
    assert not missing, f"{missing} not in {texts}"
