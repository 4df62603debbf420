"""Parquet, read by arro3 (Apache Arrow's implementation in Rust): columns that know their types."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO, Final

import numpy as np

from nn.data.cells import Cells
from nn.data.columns import category_of
from nn.data.parsed import ParsedTable
from nn.data.readers.options import ReadOptions
from nn.data.survey import Block, read_table
from nn.errors import DataError, FormatError

UNWRAP: Final = "called `Result::unwrap()` on an `Err` value: "
"""How the message of a panic begins, which says nothing."""


def read(files: Mapping[str, BinaryIO], options: ReadOptions) -> ParsedTable:
    """The table in a Parquet file; FormatError or DataError.

    Numbers are numbers, texts and truth values are categories; columns of other types (dates, lists) are left out.
    """
    file = files["file"]
    schema = _open(file).schema
    names: list[str] = list(schema.names)
    kinds = [_kind(schema.field(place).type) for place in range(len(names))]
    usable = [place for place, kind in enumerate(kinds) if kind is not None]
    left_out = {
        name: f"it holds {schema.field(place).type}" for place, name in enumerate(names) if kinds[place] is None
    }
    if not usable:
        raise DataError(f"columns: expected at least one of numbers or text, got none: {left_out}")
    named = {names[place] for place in usable if kinds[place] == "names"} | options.categorical
    table = read_table(
        [names[place] for place in usable],
        lambda: _blocks(file, [(place, names[place] in named) for place in usable]),
        categorical=options.categorical,
        named=named,
    )
    return ParsedTable(table.columns, table.values, table.ignored | left_out, table.notes)


def _open(file: BinaryIO) -> Any:
    """The file's batches, from the first."""
    from arro3.io import read_parquet

    file.seek(0)
    with _named_errors():
        return read_parquet(file)


def _kind(type_: Any) -> str | None:
    """What a column of this type holds: "numbers", "names", or None for what a network cannot use."""
    from arro3.core import DataType

    if DataType.is_dictionary(type_):
        return _kind(type_.value_type)
    if DataType.is_numeric(type_) or DataType.is_decimal(type_):
        return "numbers"
    texts = (DataType.is_string, DataType.is_large_string, DataType.is_string_view, DataType.is_boolean)
    return "names" if any(is_text(type_) for is_text in texts) else None


def _blocks(file: BinaryIO, columns: list[tuple[int, bool]]) -> Iterator[Block]:
    """The cells of some columns, batch by batch; `columns` gives the place of each, and whether it holds names."""
    batches, first = _open(file), 1
    while True:
        with _named_errors():
            batch = next(batches, None)
        if batch is None:
            return
        if batch.num_rows:
            yield first, [_cells(batch.column(place), named=named) for place, named in columns]
        first += batch.num_rows


def _cells(column: Any, *, named: bool) -> Cells:
    """Cells of a column: text of names, "" for a missing one, or numbers, NaN for a missing one."""
    from arro3.core import DataType

    with _named_errors():
        if named:
            return ["" if value is None else category_of(value) for value in column.to_pylist()]
        numbers = column.cast(DataType.float64())
        if not numbers.null_count:
            return np.asarray(numbers.to_numpy())
        return np.array([math.nan if value is None else value for value in numbers.to_pylist()])


@contextmanager
def _named_errors() -> Iterator[None]:
    """What arro3 raises as a FormatError: for a file that is broken, Exception or a panic of its Rust."""
    try:
        yield
    except (MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  # a panic is no Exception
        first_line = str(error).partition("\n")[0].removeprefix(UNWRAP)
        raise FormatError(f"parquet: expected a whole file, got an error: {first_line}") from None
