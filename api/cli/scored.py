"""Rows with a model's answers beside them, as CSV."""

import csv
import gzip
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from api.cli.rows import TEXTS
from neurond import Model, Prediction

DELIMITERS: Final = (",", ";", "\t", "|")
SEPARATOR_LINE: Final = re.compile(r"sep=.\s*", re.IGNORECASE)
GZIP: Final = b"\x1f\x8b"

Table: TypeAlias = tuple[list[str], list[list[Any]]]
"""Names of columns, and rows."""


def beside(model: Model, answers: Sequence[Prediction], table: Table | None) -> Iterator[list[Any]]:
    """The lines of the file: the columns of `table`, or the rows' numbers, then the prediction and each probability."""
    said = list(_answers(model, answers))
    names, rows = table if table is not None else (["row"], [[number] for number in range(1, len(said) + 1)])
    several = len(said[0]) if said and not model.classes else 1
    own = ["prediction"] if several == 1 else [f"prediction_{place}" for place in range(several)]
    yield [*names, *_free([*own, *(f"probability_{name}" for name in model.classes)], names)]
    for row, answer in zip(rows, said, strict=True):
        yield [*row, *answer]


def _answers(model: Model, answers: Sequence[Prediction]) -> Iterator[list[Any]]:
    for answer in answers:
        if model.classes:
            for code, row in zip(answer.predictions, answer.probabilities or [], strict=True):
                yield [model.classes[int(code)] if isinstance(code, int | float) else code, *row]
        else:
            yield from (value if isinstance(value, list) else [value] for value in answer.predictions)


def _free(names: Sequence[str], taken: Sequence[str]) -> list[str]:
    """Names that are not taken: `prediction_` where the file has a column `prediction`."""
    free = []
    for name in names:
        while name in taken:
            name += "_"
        free.append(name)
    return free


def table_in(file: Path, encoding: str | None, count: int, columns: Sequence[str]) -> Table | None:
    """The columns and rows of a text file of which a model answered `count`; None where they cannot be told.

    The service has read it with more care. Here the fields are split as well as it takes to find as many rows and the
    model's `columns`: comments and blank lines have another width, and one row more is that of the names.
    """
    data = file.read_bytes()
    if data.startswith(GZIP):
        data = gzip.decompress(data)
    elif file.suffix.lower() not in TEXTS:
        return None
    try:
        text = data.decode(encoding or ("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"))
    except (UnicodeDecodeError, LookupError):
        return None
    found = [rows for delimiter in DELIMITERS if len(rows := _rows(text, delimiter)) in (count, count + 1)]
    if not found:
        return None

    def fitness(rows: list[list[Any]]) -> tuple[int, bool, bool, int]:
        width, known = len(rows[0]), {cell.strip() for cell in rows[0]}.intersection(columns)
        return len(known), width == len(columns), width > 1 and width == len(columns) + 1, width  # one: a target

    rows = max(found, key=fitness)
    if len(rows) == count:
        return [f"column_{place + 1}" for place in range(len(rows[0]))], rows
    return rows[0], rows[1:]


def _rows(text: str, delimiter: str) -> list[list[Any]]:
    """The rows that have as many fields as most."""
    first, _, rest = text.partition("\n")
    body = rest if SEPARATOR_LINE.fullmatch(first) else text
    try:
        rows = list(csv.reader(io.StringIO(body), delimiter=delimiter, skipinitialspace=delimiter != "\t"))
    except csv.Error:
        return []
    widths = [len(row) for row in rows if any(cell.strip() for cell in row)]
    usual = max(set(widths), key=widths.count, default=0)
    return [row for row in rows if len(row) == usual]


def table_of(rows: Sequence[Any], columns: Sequence[str]) -> Table:
    """The rows of a JSON file; lists have the model's columns where they are as many."""
    if any(isinstance(row, dict) for row in rows):
        names = list(dict.fromkeys(name for row in rows for name in row))
        return names, [[row.get(name) for name in names] for row in rows]
    width = max(map(len, rows))
    names = list(columns) if len(columns) == width else [f"column_{place + 1}" for place in range(width)]
    return names, [list(row) for row in rows]
