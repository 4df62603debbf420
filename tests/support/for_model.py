"""The rows of a file as a model takes them, without a server."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.data import Column
from nn.data.column_alignment import Unknown
from nn.data.notation import Marks
from nn.data.notes import Notes
from nn.data.table_alignment import TableAlignment
from worker.ingest.read import text_options, unpack
from worker.ingest.readers import ALL_READERS
from worker.jobspec.dataset import DatasetSpec

MOST_BYTES = 1 << 26


def rows_for(
    columns: Sequence[Column],
    data: str | bytes,
    *,
    target: str | None = None,
    ignored: Sequence[str] = (),
    unknown: Unknown = "missing",
    **spec: Any,
) -> tuple[np.ndarray, list[str], list[tuple[str, Any, int]]]:
    """(x, the texts of the targets, notes as column, value and rows) of a file for these columns; NNError."""
    said = DatasetSpec.model_validate(spec)
    file = io.BytesIO(data.encode() if isinstance(data, str) else data)
    opened, name = unpack({"file": file}, said, MOST_BYTES)
    source = ALL_READERS[name].source(opened, text_options(said, MOST_BYTES, tuple(column.name for column in columns)))
    notes = Notes()
    alignment = TableAlignment(
        source,
        columns,
        ignored=ignored,
        target=target,
        marks=Marks(said.decimal, said.thousands),
        unknown=unknown,
        notes=notes,
    )
    portions = list(alignment.rows())
    x = np.concatenate([portion.x for portion in portions]) if portions else np.empty((0, len(columns)))
    targets = [text for portion in portions for text in portion.targets]
    return x, targets, [(note["column"], note["value"], note["rows"]) for note in notes.listed()]
