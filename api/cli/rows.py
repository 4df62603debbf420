"""Rows of a file, for a model: CSV as `neurond upload` reads it too, JSON."""

import csv
import io
import math
import re
import sys
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import click
import orjson

DELIMITERS: Final = ",;\t|"
SAMPLED: Final = 50

MISSING: Final = frozenset(
    {"", "?", "NA", "N/A", "#N/A", "<NA>", "n/a", "na", "NaN", "nan", "NAN", "None", "NULL", "Null", "null"}
)
"""Those of `nn.data.cells`, which would bring NumPy along; a test holds them equal."""

NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
DECIMAL_COMMA: Final = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")

Kinds = Mapping[str, str]
"""Name → "numeric" or "categorical", of a model's columns, in their order; empty for a model of plain numbers."""


def read_json(file: Path) -> list[Any]:
    """The rows of a JSON file, or of stdin."""
    try:
        document = orjson.loads(sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise click.UsageError(
            f"{file} is not JSON: {error}; rows are also read from .csv, .tsv and .npy files"
        ) from None
    rows = document.get("inputs") if isinstance(document, dict) else document
    if not isinstance(rows, list) or not rows:
        raise click.UsageError(f'{file}: expected rows, [[1, 2], …] or {{"inputs": [[1, 2], …]}}')
    return rows if isinstance(rows[0], list | dict) else [rows]


def read_csv(file: Path, kinds: Kinds | None = None) -> list[Any]:
    """The rows of a CSV file: lists of values; under a row of names, objects.

    A column that the model does not have, such as its target, is left out, and that is said.
    """
    kinds = kinds or {}
    lines, decimal_comma = _cells(file)
    (_, head), *rest = lines
    if not _is_header(head, kinds, decimal_comma):
        by_place = [*kinds.values()] if len(kinds) == len(head) else [""] * len(head)
        columns = [(f"column {place + 1}", kind) for place, kind in enumerate(by_place)]
        return [_values(file, line, cells, columns, decimal_comma) for line, cells in lines]
    if not rest:
        raise click.UsageError(f"{file} has a row of names and no other; expected rows under it")
    kept = _known(file, head, kinds)
    columns = [(head[place], kinds.get(head[place], "")) for place in kept]
    rows = (_values(file, line, [cells[place] for place in kept], columns, decimal_comma) for line, cells in rest)
    return [dict(zip((name for name, _ in columns), values, strict=True)) for values in rows]


def _cells(file: Path) -> tuple[list[tuple[int, list[str]]], bool]:
    """(line, its cells) of each row, blank lines left out, and whether decimals are written with a comma."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file}: expected text in UTF-8, got {error.reason}; save it as UTF-8") from None
    sample = list(islice(io.StringIO(text, newline=""), SAMPLED))
    delimiter = max(DELIMITERS, key=lambda mark: _fits(sample, mark))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if len(cells) > 1 or any(cells):
                rows.append((reader.line_num, cells))
    except csv.Error as error:
        raise click.UsageError(f"{file}, line {reader.line_num}: {error}") from None
    if not rows:
        raise click.UsageError(f"{file} is empty; expected rows")
    width = len(rows[0][1])
    for line, cells in rows:
        if len(cells) != width:
            raise click.UsageError(f"{file}, line {line}: expected {width} cells as in the first row, got {len(cells)}")
    return rows, delimiter != "," and any(DECIMAL_COMMA.fullmatch(cell) for _, cells in rows for cell in cells)


def _fits(lines: Sequence[str], delimiter: str) -> tuple[bool, int]:
    """How well lines are split by a delimiter: all into equally many cells, and into how many."""
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return False, 0
    return len(set(widths)) == 1 and widths[0] > 1, widths[0] if widths else 0


def _is_header(first: Sequence[str], kinds: Kinds, decimal_comma: bool) -> bool:
    """A name of the model's columns tells; where it has none, that no cell is a number."""
    if kinds:
        return any(cell in kinds for cell in first)
    named = [cell for cell in first if cell]
    return bool(named) and all(_number(cell, decimal_comma) is None and cell not in MISSING for cell in named)


def _known(file: Path, head: Sequence[str], kinds: Kinds) -> list[int]:
    """The places of the columns that the model has."""
    if len(set(head)) != len(head):
        raise click.UsageError(f"{file}: expected each column's name once, got {', '.join(map(repr, head))}")
    others = [name for name in head if name not in kinds] if kinds else []
    lacking = [name for name in kinds if name not in head]
    if others and lacking:
        raise click.UsageError(f"{file}: expected the columns {_shown(list(kinds))}, got no {_shown(lacking)}, "
                               f"but {_shown(others)}")  # fmt: skip
    if others:
        click.echo(f"Left out, for the model has no such column: {_shown(others)}", err=True)
    if lacking:
        click.echo(f"Taken as missing, for the file has no such column: {_shown(lacking)}", err=True)
    return [place for place, name in enumerate(head) if name not in others]


def _values(
    file: Path, line: int, cells: Sequence[str], columns: Sequence[tuple[str, str]], decimal_comma: bool
) -> list[Any]:
    values: list[Any] = []
    for cell, (name, kind) in zip(cells, columns, strict=True):
        number = None if kind == "categorical" else _number(cell, decimal_comma)
        if number is None and kind == "numeric" and cell not in MISSING:
            raise click.UsageError(f"{file}, line {line}, {name}: expected a number, got {cell!r}")
        values.append(number if number is not None else None if cell in MISSING else cell)
    return values


def _number(cell: str, decimal_comma: bool) -> float | int | None:
    if decimal_comma:
        cell = cell.replace(",", ".")
    if not NUMBER.fullmatch(cell):
        return None
    number = float(cell)
    if not math.isfinite(number):
        return None
    return int(cell) if cell.lstrip("+-").isdigit() else number


def _shown(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:10])) + (f" … ({len(names)} in all)" if len(names) > 10 else "")
