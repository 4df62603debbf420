"""A table, learned block by block: numbers go to its matrix at once, names when all of them are known."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import numpy as np

from nn.data.decimal_marks import decide_marks
from nn.data.notation import written
from nn.data.parse_results import MAX_COLUMNS, ParsedTable
from nn.data.readers.options import ReadOptions
from nn.data.type_inference import NOTHING, Cells, ColumnScan
from nn.errors import DataError

Block: TypeAlias = tuple[int, Sequence[Cells]]
"""(number of the first row, from 1; the cells of each column)"""

GROWTH: Final = 1.5
SHOWN: Final = 20

FIRST: Final = "column_1"
HEADER: Final = "; the first row was taken for data: header=true says that it names the columns"

AS_ASKED: Final = "it was left out as asked"
NO_NAME: Final = (
    "it has no name of its own and numbers the rows",
    "it is the index that pandas wrote",
    "it has neither name nor value",
)
"""Why a column is left out that is no part of the data: it cannot have been meant as the target."""


@dataclass(frozen=True)
class TableSource:
    """A table in a file, not read yet.

    names: of its columns, as they stand. blocks: gives the cells of the columns at some places, from the file's
    beginning each time; those in the second argument as text, whatever the file says of them. texts: names of columns
    that the file itself says are text. counters: names of columns that may count the rows, for they have no name of
    their own. left_out: columns that cannot be used, and why. delimiter: of fields; "" where the file has types. notes:
    what the reader guessed; asked for when the file was read.
    """

    names: tuple[str, ...]
    blocks: Callable[[Sequence[int], Collection[str]], Iterator[Block]]
    texts: frozenset[str] = frozenset()
    counters: frozenset[str] = frozenset()
    left_out: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ""
    notes: Callable[[], Sequence[str]] = tuple


def read_table(source: TableSource, options: ReadOptions) -> ParsedTable:
    """The whole table, each column decided from all of its cells; DataError.

    The file is read once, and a second time for the codes of names and for decimal commas, where there are any.
    """
    if len(source.names) > MAX_COLUMNS:
        raise DataError(f"row 1: expected at most {MAX_COLUMNS} columns, got {len(source.names)}")
    _check_names(source.names, options)
    left_out = dict(source.left_out) | dict.fromkeys(options.leave_out, AS_ASKED)
    wanted = [place for place, name in enumerate(source.names) if name not in left_out or name in options.named]
    texts = source.texts | options.categorical
    scans = [
        ColumnScan(name, kind=_kind(name, texts, options), marks=options.marks)
        for name in (source.names[place] for place in wanted)
    ]
    values = _first_pass(source, wanted, scans, texts)
    notes = [*source.notes(), *decide_marks(scans, source.delimiter, options.marks)]
    ignored = {scan.name: reason for scan in scans if (reason := scan.decide(len(values)))}
    for place, scan in enumerate(scans):
        if scan.name not in source.counters - options.named:
            continue
        if ignored.get(scan.name) == NOTHING:
            ignored[scan.name] = NO_NAME[2]
        elif scan.name not in ignored and _counts(values[:, place], scan):
            ignored[scan.name] = NO_NAME[0]
    kept = [place for place, scan in enumerate(scans) if scan.name not in ignored]
    ignored |= {name: reason for name, reason in left_out.items() if name not in options.named}
    if not kept:
        raise DataError(f"columns: expected at least one that can be used, got none: {reasons(ignored)}")
    again = [place for place in kept if scans[place].read_again]
    if again:
        for first, columns in source.blocks([wanted[place] for place in again], texts):
            for place, cells in zip(again, columns, strict=True):
                values[first - 1 : first - 1 + len(cells), place] = scans[place].values_of(cells, first)
    notes += [note for place in kept for note in scans[place].notes]
    notes += [
        f"column {scan.name!r} is text in the file, though all of its values are numbers: read as names"
        for scan in (scans[place] for place in kept)
        if scan.name in source.texts
        and scan.column().categories
        and all(written(name) for name in scan.column().categories)
    ]
    columns_kept = tuple(scans[place].column() for place in kept)
    return ParsedTable(
        columns_kept, values if len(kept) == len(scans) else values[:, kept], ignored, tuple(notes), source.names
    )


def _kind(name: str, texts: Collection[str], options: ReadOptions) -> Literal["text", "names"] | None:
    """What is known of a column before it is read."""
    if name in options.categorical:
        return "names"
    return "text" if name in texts else None


def reasons(ignored: Mapping[str, str]) -> str:
    """Why columns were left out, for a message: some of them."""
    listed = [f"{name!r}: {reason}" for name, reason in ignored.items()]
    return "; ".join(listed[:SHOWN]) + (f" … ({len(listed)} in all)" if len(listed) > SHOWN else "")


def _check_names(names: Sequence[str], options: ReadOptions) -> None:
    for parameter, wanted in (("categorical", options.categorical), ("leave_out", options.leave_out)):
        for name in sorted(wanted - set(names)):
            raise DataError(
                f"{parameter}: expected names of columns, got {name!r}; there are {', '.join(names[:SHOWN])}"
                + (" …" if len(names) > SHOWN else "")
                + (HEADER if names[0] == FIRST else "")
            )
    for name in sorted(options.leave_out & options.named):
        raise DataError(f"leave_out: expected no column that is named elsewhere too, got {name!r}")


def _first_pass(
    source: TableSource, wanted: Sequence[int], scans: Sequence[ColumnScan], texts: Collection[str]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """(rows, columns): numbers as they were read first, NaN elsewhere."""
    values = np.empty((0, len(scans)))
    rows = 0
    for first, columns in source.blocks(wanted, texts):
        rows = first - 1 + len(columns[0])
        if rows > len(values):  # in place: the system moves large arrays without a copy
            values.resize((max(rows, int(GROWTH * len(values))), len(scans)), refcheck=False)
        for place, (scan, cells) in enumerate(zip(scans, columns, strict=True)):
            values[first - 1 : rows, place] = scan.see(cells, first)
    if not rows:
        raise DataError("file: expected at least one row of values, got none")
    values.resize((rows, len(scans)), refcheck=False)
    return values


def _counts(values: np.ndarray[tuple[int], np.dtype[np.float64]], scan: ColumnScan) -> bool:
    """Whether a column holds a whole number for each row, each once: an index, however the rows were shuffled."""
    return bool(
        scan.numeric
        and len(values) > 1
        and (values == np.floor(values)).all()
        and len(np.unique(values)) == len(values)
    )
