"""A table, learned block by block: numbers go to its matrix at once, names when all of them are known."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeAlias

import numpy as np

from nn.data.cells import Cells, ColumnSurvey
from nn.data.parsed import MAX_COLUMNS, ParsedTable
from nn.errors import DataError

Block: TypeAlias = tuple[int, Sequence[Cells]]
"""(number of the first row, from 1; the cells of each column)"""

GROWTH = 1.5
SHOWN = 20


def read_table(
    names: Sequence[str],
    blocks: Callable[[], Iterator[Block]],
    *,
    categorical: Collection[str],
    named: Collection[str] = (),
    decimal_comma: bool = False,
    notes: Sequence[str] = (),
) -> ParsedTable:
    """The table whose cells `blocks` gives, from its beginning each time that it is called; DataError.

    names: of the columns. categorical: names of those whose numbers are names, as the sender said. named: those that
    the file itself says are text. The file is read once, and a second time for the codes of names, where there are any.
    """
    if len(names) > MAX_COLUMNS:
        raise DataError(f"row 1: expected at most {MAX_COLUMNS} columns, got {len(names)}")
    for name in sorted(set(categorical) - set(names)):
        raise DataError(
            f"categorical: expected names of columns, got {name!r}; there are {', '.join(names[:SHOWN])}"
            + (" …" if len(names) > SHOWN else "")
        )
    surveys = [ColumnSurvey(name, forced=name in categorical or name in named) for name in names]
    values = np.empty((0, len(surveys)))
    rows = 0
    for first, columns in blocks():
        rows = first - 1 + len(columns[0])
        if rows > len(values):  # in place: the system moves large arrays without a copy
            values.resize((max(rows, int(GROWTH * len(values))), len(surveys)), refcheck=False)
        for place, (survey, cells) in enumerate(zip(surveys, columns, strict=True)):
            values[first - 1 : rows, place] = survey.see(cells, first, decimal_comma=decimal_comma)
    if not rows:
        raise DataError("file: expected at least one row of values, got none")
    values.resize((rows, len(surveys)), refcheck=False)
    ignored = {survey.name: reason for survey in surveys if (reason := survey.decide(rows))}
    kept = [place for place, survey in enumerate(surveys) if survey.name not in ignored]
    if not kept:
        raise DataError(f"columns: expected at least one that can be used, got none: {ignored}")
    coded = [place for place in kept if surveys[place].categorical]
    if coded:
        for first, columns in blocks():
            for place in coded:
                values[first - 1 : first - 1 + len(columns[0]), place] = surveys[place].codes_of(columns[place])
    columns_kept = tuple(surveys[place].column() for place in kept)
    return ParsedTable(columns_kept, values if not ignored else values[:, kept], ignored, tuple(notes))
