"""The rows of a data set for a model: read from the file that was uploaded, or from its stored arrays."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

import nn
from nn import Model
from nn.data import Column, Dataset
from nn.data.column_alignment import Unknown
from nn.data.dates import text_of
from nn.data.labels import category_of
from nn.data.notation import EITHER, Marks
from nn.data.notes import Notes
from nn.data.table_alignment import TableAlignment
from nn.data.table_scan import Block, TableSource
from nn.errors import DataError
from worker.ingest.read import open_files, text_options, unpack
from worker.ingest.readers import ALL_READERS, TABLES
from worker.ingest.stored import load_dataset
from worker.jobspec import BUILT_IN_DATASETS
from worker.jobspec.dataset import DatasetSpec
from worker.store.blobs import Blobs
from worker.store.uploads import UploadedFile

Split: TypeAlias = Literal["train", "test", "all"]

ROWS_AT_ONCE: Final = 4096


@dataclass(frozen=True)
class Portion:
    """Some rows x: (n, input_size) as a model takes them. `numbers`: (n,) their rows in the file, from 1. `targets`:
    the text of each one's target, "" where it has none.
    """

    numbers: NDArray[np.int64]
    x: NDArray[Any]
    targets: Sequence[str]

    def take(self, places: Any) -> "Portion":
        """The rows at some places."""
        targets = np.array(self.targets, dtype=object)[places].tolist()
        return Portion(self.numbers[places], self.x[places], targets)


def portions_of(model: Model, asked: Mapping[str, Any], blobs: Blobs, notes: Notes) -> Iterator[Portion]:
    """The rows of a part of a data set, in portions of about `ROWS_AT_ONCE`, the last one smaller.

    asked: `dataset` (`id`, `upload`, `files`, `spec`, `blob`, `format`: what its record says), `split`, `unknown`,
    `most_bytes`.

    Raises:
        NNError: the file cannot be read for this model; it names row and column.
        BlobMissingError: it is not there any more.

    """
    at_once = model.network.rows_at_once  # whole blocks, so that the bits are those of one request
    return _rechunked(_portions(model, asked, blobs, notes), at_once * max(1, ROWS_AT_ONCE // at_once))


def _portions(model: Model, asked: Mapping[str, Any], blobs: Blobs, notes: Notes) -> Iterator[Portion]:
    facts, split = asked["dataset"], asked["split"]
    if facts["id"] in BUILT_IN_DATASETS:
        return _stored(model, nn.datasets.load(facts["id"]), split, asked["unknown"], notes)
    by_name = facts["format"] in TABLES and (bool(model.columns) or facts["blob"] is None)
    if not by_name and facts["blob"] is not None:
        return _stored(model, load_dataset(blobs, facts["blob"], facts["id"]), split, asked["unknown"], notes)
    spec = DatasetSpec.model_validate(facts["spec"])
    files = open_files(blobs, facts["upload"], [UploadedFile(**file) for file in facts["files"]])
    opened, name = unpack(files, spec, asked["most_bytes"])
    reader = ALL_READERS[name]
    if reader.source is None:
        options = text_options(spec, asked["most_bytes"])
        return iter([_plain(model, reader(opened, options).x)])  # type: ignore[union-attr]  # no table
    source = reader.source(opened, text_options(spec, asked["most_bytes"], model.column_names))
    rows = aligned(
        model, source, spec.target or facts["target"], Marks(spec.decimal, spec.thousands), asked["unknown"], notes
    )
    if split == "all" or facts["blob"] is None:
        return rows
    return iter([_part(rows, load_dataset(blobs, facts["blob"], facts["id"]).numbers(split))])


def aligned(
    model: Model, source: TableSource, target: str | None, marks: Marks, unknown: Unknown, notes: Notes
) -> Iterator[Portion]:
    """The rows of a table for a model, by its columns' names, or by their places where it has none; NNError."""
    columns = model.columns or _numeric_columns(model, source, target)
    if target not in source.names:
        target = model.target if model.target in source.names else None
    alignment = TableAlignment(
        source, columns, ignored=model.ignored, target=target, marks=marks, unknown=unknown, notes=notes
    )
    for rows in alignment.rows():
        numbers = np.arange(rows.first, rows.first + len(rows.x))
        yield Portion(numbers, rows.x if model.columns else rows.x.astype(np.float32), rows.targets)


def _numeric_columns(model: Model, source: TableSource, target: str | None) -> tuple[Column, ...]:
    """All columns of a table, for a model that knows no names: by their places."""
    names = [name for name in source.names if name != target and name not in source.left_out]
    if len(names) != model.input_size:
        raise DataError(
            f"columns: expected {model.input_size} of numbers, as this model takes rows without names, got {len(names)}"
        )
    return tuple(Column(name) for name in names)


def _part(rows: Iterator[Portion], wanted: NDArray[Any]) -> Portion:
    """The rows of the file whose numbers are `wanted`, in this order."""
    order = np.argsort(wanted)
    found: list[Portion] = []
    for portion in rows:
        kept = np.isin(portion.numbers, wanted)
        if kept.any():
            found.append(portion.take(kept))
    whole = _joined(found)
    places = np.empty(len(wanted), np.int64)
    places[order] = np.arange(len(wanted))  # the file has them in ascending order
    return whole.take(places)


def _joined(portions: Sequence[Portion]) -> Portion:
    if len(portions) == 1:
        return portions[0]
    return Portion(
        np.concatenate([portion.numbers for portion in portions]),
        np.concatenate([portion.x for portion in portions]),
        [text for portion in portions for text in portion.targets],
    )


def _stored(model: Model, dataset: Dataset, split: Split, unknown: Unknown, notes: Notes) -> Iterator[Portion]:
    """Rows from stored arrays: of arrays and images, and of tables whose file was not kept."""
    x, targets, numbers = _whole(dataset, split)
    if not model.columns or not dataset.columns:
        words = [column.name for column in dataset.columns or model.columns if column.kind != "numeric"]
        if words:
            raise DataError(
                f"columns: expected a table and a model that both name their columns, got words in {words[:10]}"
            )
        yield Portion(numbers, model.check_rows(x.reshape(len(x), -1)), targets)
        return
    source = TableSource(
        tuple(column.name for column in dataset.columns),
        lambda places, texts: iter([_cells(x, dataset.columns, places, texts)]),
        texts=frozenset(column.name for column in dataset.columns if column.kind != "numeric"),
    )
    for portion in aligned(model, source, None, EITHER, unknown, notes):
        yield Portion(numbers, portion.x, targets)


def _whole(dataset: Dataset, split: Split) -> tuple[NDArray[Any], list[str], NDArray[np.int64]]:
    """(x, texts of the targets, numbers of the rows) of a part, or of both in the order of the file."""
    splits: list[Literal["train", "test"]] = ["train", "test"] if split == "all" else [split]
    parts = [dataset.part(name) for name in splits]
    x, y = (np.concatenate(arrays) if len(parts) > 1 else arrays[0] for arrays in zip(*parts, strict=True))
    numbers = np.concatenate([dataset.numbers(name) for name in splits])
    if split == "all" and dataset.rows_train is not None:
        order = np.argsort(numbers)
        x, y, numbers = x[order], y[order], numbers[order]
    elif split == "all":
        numbers = np.arange(1, len(x) + 1)
    if dataset.classes:
        return x, [dataset.classes[code] for code in y], numbers
    return x, [" ".join(map(repr, row)) for row in y.reshape(len(y), -1).tolist()], numbers


def _cells(x: NDArray[Any], columns: Sequence[Column], places: Sequence[int], texts: Collection[str]) -> Block:
    """Stored columns as a file would give them."""
    cells: list[Any] = []
    for column, values in ((columns[place], x[:, place].astype(np.float64)) for place in places):
        if column.categories:
            cells.append(["" if np.isnan(code) else column.categories[int(code)] for code in values])
        elif column.kind == "date":
            cells.append(["" if np.isnan(seconds) else text_of(seconds) for seconds in values])
        elif column.name in texts:
            cells.append(["" if np.isnan(value) else category_of(float(value)) for value in values])
        else:
            cells.append(values)
    return 1, cells


def _plain(model: Model, x: NDArray[Any]) -> Portion:
    """Rows of an array without targets."""
    return Portion(np.arange(1, len(x) + 1), model.check_rows(x.reshape(len(x), -1)), [""] * len(x))


def _rechunked(portions: Iterator[Portion], size: int) -> Iterator[Portion]:
    """The same rows, `size` at a time."""
    waiting: list[Portion] = []
    count = 0
    for portion in portions:
        waiting.append(portion)
        count += len(portion.x)
        if count >= size:
            whole = _joined(waiting)
            full = count - count % size
            for start in range(0, full, size):
                yield whole.take(slice(start, start + size))
            waiting, count = [whole.take(slice(full, None))], count - full
    if count:
        yield _joined(waiting)
