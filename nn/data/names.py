"""Bounds of the text that a data set keeps: names of columns, categories, classes. Models and records repeat it."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from nn.arrays import AnyArray
from nn.data.parse_results import ParsedArrays, ParsedTable
from nn.errors import DataError

MAX_CHARACTERS: Final = 256
"""Of one name."""

MAX_BYTES: Final = 1 << 20
"""Of all names together, in UTF-8."""

SHOWN_CHARACTERS: Final = 24

ADVICE: Final = "; shorten it, or leave the column out"


def check_names(data: ParsedTable | ParsedArrays) -> None:
    """DataError where a name is longer than a name, or all of them are longer than a record can hold."""
    texts = _of_table(data) if isinstance(data, ParsedTable) else _of_arrays(data)
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    if size > MAX_BYTES:
        raise DataError(
            f"names: expected at most {MAX_BYTES} bytes of column names, categories and classes together, got {size}"
        )


def _of_table(table: ParsedTable) -> Iterator[str]:
    names = [column.name for column in table.columns]
    for place, name in enumerate([*names, *table.ignored]):
        if len(name) > MAX_CHARACTERS:
            where = f"column {place + 1}" if place < len(names) else "a column that is left out"
            raise DataError(f"{where}: expected a name of at most {MAX_CHARACTERS} characters, got {_cut(name)}")
        yield name
    for place, column in enumerate(table.columns):
        for code, category in enumerate(column.categories):
            if len(category) > MAX_CHARACTERS:
                row = int((table.values[:, place] == code).argmax()) + 1
                raise DataError(
                    f"row {row}, column {column.name!r}: expected a category of at most {MAX_CHARACTERS} characters, "
                    f"got {_cut(category)}{ADVICE}"
                )
            yield category


def _of_arrays(arrays: ParsedArrays) -> Iterator[str]:
    for name, y in (("y", arrays.y), ("y_test", arrays.y_test)):
        if y is not None and y.dtype.kind in "US":
            yield from _labels(name, y)


def _labels(name: str, y: AnyArray) -> Iterator[str]:
    lengths = np.strings.str_len(y)
    if lengths.max(initial=0) > MAX_CHARACTERS:
        first = int((lengths.reshape(len(y), -1) > MAX_CHARACTERS).any(axis=1).argmax())
        label = str(y[first].flat[0] if y.ndim > 1 else y[first])
        raise DataError(
            f"row {first + 1} of {name}: expected a class of at most {MAX_CHARACTERS} characters, got {_cut(label)}"
        )
    yield from (str(label) for label in np.unique(y))


def _cut(text: str) -> str:
    return f"{len(text)}: {text[:SHOWN_CHARACTERS] + '…'!r}"
