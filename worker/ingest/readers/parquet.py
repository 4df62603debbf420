"""Parquet, read by arro3 (Apache Arrow's implementation in Rust): columns that know their types."""

import logging
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO, Final

import numpy as np
import orjson

from nn.data.labels import category_of
from nn.data.readers import Reader
from nn.data.readers.options import ReadOptions
from nn.data.table_scan import NO_NAME, Block, TableSource, reasons
from nn.data.type_inference import Cells
from nn.errors import DataError, FormatError

logger = logging.getLogger(__name__)

INDEX: Final = NO_NAME[1]
UNWRAP: Final = "called `Result::unwrap()` on an `Err` value: "
"""How the message of a panic begins, which says nothing."""


def source(files: Mapping[str, BinaryIO], options: ReadOptions) -> TableSource:
    """The table in a Parquet file, not read yet; FormatError or DataError.

    Numbers are numbers; texts, truth values and moments in time are names, as in CSV; columns of other types (lists,
    bytes) are left out, and so is the index that pandas wrote.
    """
    file = files["file"]
    schema = _open(file).schema
    names = tuple(name.strip() or f"column_{place + 1}" for place, name in enumerate(schema.names))
    for name in names:
        if names.count(name) > 1:
            raise DataError(f"columns: expected each name once, got {name!r} twice")
    types = {name: schema.field(place).type for place, name in enumerate(names)}
    kinds = {name: _kind(type_) for name, type_ in types.items()}
    index = _index_columns(schema.metadata) & set(names) - options.named - set(options.known)
    left_out = {name: f"it holds {_said(types[name])}" for name in names if kinds[name] is None}
    left_out |= dict.fromkeys(sorted(index), INDEX)
    if len(left_out) == len(names):
        raise DataError(f"columns: expected at least one of numbers or text, got none: {reasons(left_out)}")
    return TableSource(
        names,
        lambda places, texts: _blocks(
            file, [(place, kinds[names[place]] == "names" or names[place] in texts) for place in places]
        ),
        texts=frozenset(name for name, kind in kinds.items() if kind == "names"),
        left_out=left_out,
    )


def _open(file: BinaryIO) -> Any:
    """The file's batches, from the first."""
    from arro3.io import read_parquet

    file.seek(0)
    with _named_errors():
        return read_parquet(file)


def _index_columns(metadata: Mapping[bytes, bytes]) -> set[str]:
    """The columns that are the index of a pandas frame, as its metadata has it."""
    try:
        pandas = orjson.loads(metadata[b"pandas"])
        return {column for column in pandas["index_columns"] if isinstance(column, str)}
    except (KeyError, TypeError, orjson.JSONDecodeError):
        return set()


def _kind(type_: Any) -> str | None:
    """What a column of this type holds: "numbers", "names", or None for what a network cannot use."""
    from arro3.core import DataType

    if DataType.is_dictionary(type_):
        return _kind(type_.value_type)
    if DataType.is_numeric(type_) or DataType.is_decimal(type_):
        return "numbers"
    names = (
        DataType.is_string,
        DataType.is_large_string,
        DataType.is_string_view,
        DataType.is_boolean,
        DataType.is_null,
        DataType.is_date,
        DataType.is_timestamp,
        DataType.is_time,
    )
    return "names" if any(is_kind(type_) for is_kind in names) else None


def _said(type_: Any) -> str:
    """A type that is left out, for people."""
    from arro3.core import DataType

    for is_kind, said in (
        (DataType.is_duration, "durations"),
        (DataType.is_interval, "intervals"),
        (DataType.is_map, "maps"),
        (DataType.is_struct, "structures"),
        (DataType.is_nested, "lists"),
    ):
        if is_kind(type_):
            return said
    return "bytes"


def _blocks(file: BinaryIO, columns: list[tuple[int, bool]]) -> Iterator[Block]:
    """The cells of some columns, batch by batch; `columns` gives the place of each, and whether they come as text."""
    batches, first = _open(file), 1
    while True:
        with _named_errors():
            batch = next(batches, None)
        if batch is None:
            return
        if batch.num_rows:
            yield first, [_cells(batch.column(place), as_text=as_text) for place, as_text in columns]
        first += batch.num_rows


def _cells(column: Any, *, as_text: bool) -> Cells:
    """Cells of a column: text, "" for a missing one, or numbers, NaN for a missing one."""
    from arro3.core import DataType

    with _named_errors():
        if as_text and DataType.is_temporal(column.type):
            return ["" if value is None else _moment(value) for value in column.cast(DataType.utf8()).to_pylist()]
        if as_text:
            return ["" if value is None else category_of(value) for value in column.to_pylist()]
        numbers = column.cast(DataType.float64())
        if not numbers.null_count:
            return np.asarray(numbers.to_numpy())
        return np.array([math.nan if value is None else value for value in numbers.to_pylist()])


def _moment(text: str) -> str:
    """A moment as pandas writes it to CSV: the day alone at midnight, a blank before the time."""
    return text.removesuffix("T00:00:00").replace("T", " ").replace("Z", "+00:00")


@contextmanager
def _named_errors() -> Iterator[None]:
    """What arro3 raises as a FormatError: for a file that is broken, Exception or a panic of its Rust."""
    try:
        yield
    except (MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  # a panic is no Exception
        first_line = str(error).partition("\n")[0].removeprefix(UNWRAP)
        logger.warning("arro3 cannot read a file: %s", first_line)
        raise FormatError("parquet: expected a whole file, got one that is broken or cut off; write it again") from None


PARQUET: Final = Reader("parquet", (b"PAR1",), (".parquet",), "Parquet", source=source)
