"""Tables from a folder, as the product reads them, and their divisions into training and test rows."""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from nn.data.dataset import Dataset
from nn.data.parse_results import ParsedTable
from nn.data.prepare import Choices, prepare
from nn.data.readers import READERS
from nn.data.readers.options import ReadOptions


@dataclass(frozen=True)
class Table:
    """All rows of a table, those of the training file first, and how many of the last ones its test file had.

    `left_out` says of each column that the reader does not use, why: no contender gets it.
    """

    whole: Dataset
    test_rows: int
    left_out: Mapping[str, str]

    @property
    def fingerprint(self) -> str:
        """Another where any value is another: a figure belongs to the rows that it was measured on."""
        columns = json.dumps([column.config() for column in self.whole.columns])
        content = (self.whole.x_train.tobytes(), self.whole.y_train.tobytes(), columns.encode(), b"%d" % self.test_rows)
        return hashlib.sha256(b"".join(content)).hexdigest()[:16]

    def division(self, split: int) -> Dataset:
        """Split 0 is that of the files; each other one a division of all rows, in parts of the same sizes."""
        rows = len(self.whole.x_train)
        order = np.random.default_rng(split).permutation(rows) if split else np.arange(rows)
        learned, held_out = np.split(order, [rows - self.test_rows])
        x, y = self.whole.x_train, self.whole.y_train
        return replace(
            self.whole,
            x_train=x[learned],
            y_train=y[learned],
            x_test=x[held_out],
            y_test=y[held_out],
            rows_train=None,
            rows_test=None,
        )

    def describe(self) -> dict[str, Any]:
        """What the results' file says of it."""
        return {
            "task": self.whole.task,
            "training_rows": len(self.whole.x_train) - self.test_rows,
            "test_rows": self.test_rows,
            "columns": len(self.whole.columns),
            "classes": len(self.whole.classes),
            "left_out": dict(self.left_out),
            "fingerprint": self.fingerprint,
        }


def names(folder: Path) -> list[str]:
    """The tables of a folder."""
    found = sorted(path.parent.name for path in folder.glob("*/train.csv") if (path.parent / "test.csv").exists())
    if not found:
        raise SystemExit(f"--tables: expected a folder with NAME/train.csv and NAME/test.csv, got {folder}")
    return found


def read(folder: Path, name: str) -> Table:
    """Both files as one table; its task is that of `meta.json`, or what the product guesses."""
    train, test = ((folder / name / f"{part}.csv").read_bytes().rstrip() + b"\n" for part in ("train", "test"))
    (header, _, _), (same, _, rest) = train.partition(b"\n"), test.partition(b"\n")
    if header.strip() != same.strip():
        raise SystemExit(f"{name}: expected one header in train.csv and test.csv, got two that differ")
    meta = folder / "meta.json"
    task = json.loads(meta.read_text("utf-8")).get(name, {}).get("task") if meta.exists() else None
    prepared = prepare(_parsed(train + rest), Choices(name, target="target", task=task, test_split=0))
    rows = prepared.dataset.rows_train
    assert rows is not None
    return Table(prepared.dataset, int((rows > len(_parsed(train).values)).sum()), prepared.left_out)


def _parsed(file: bytes) -> ParsedTable:
    parsed = READERS["csv"]({"file": io.BytesIO(file)}, ReadOptions())
    assert isinstance(parsed, ParsedTable)
    return parsed
