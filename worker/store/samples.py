"""Rows of uploaded data sets, read from their stored form: who shows them needs no NumPy."""

import math
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from worker.store.arrays import StoredDataset
from worker.store.blobs import Blobs
from worker.store.builtin import Sample, Split

EPOCH: Final = datetime(1970, 1, 1)  # moments are told without a zone
REMEMBERED: Final = 32
"""Data sets whose header a process remembers; what is stored under a path never changes."""


class StoredSamples:
    """Reads rows of stored data sets."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._open = lru_cache(REMEMBERED)(lambda path: StoredDataset.open(blobs, path))

    def read(self, path: str, split: Split, *, offset: int, limit: int) -> list[Sample]:
        """The samples of a part from `offset` on, at most `limit`; fewer at its end. BlobMissingError."""
        stored = self._open(path)
        x = stored.arrays[f"x_{split}"].rows(self._blobs, offset, limit)
        y = stored.arrays[f"y_{split}"].rows(self._blobs, offset, limit)
        columns = stored.facts["columns"]
        return [
            Sample(offset + place, _named(row, columns) if columns else row, target[0] if len(target) == 1 else target)
            for place, (row, target) in enumerate(zip(x, y, strict=True))
        ]


def _named(row: list[float], columns: list[dict[str, Any]]) -> list[Any]:
    """Numbers as they are, the names of categories for their codes, dates as text, None for what is missing."""
    return [None if math.isnan(value) else _said(value, column) for value, column in zip(row, columns, strict=True)]


def _said(value: float, column: dict[str, Any]) -> Any:
    if column["kind"] == "date":
        moment = EPOCH + timedelta(seconds=round(value, 6))  # as `nn.data.dates.text_of`
        return moment.isoformat(sep=" ") if value % 86_400 else moment.date().isoformat()
    return column["categories"][int(value)] if "categories" in column else value
