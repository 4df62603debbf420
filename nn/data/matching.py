"""A table's rows for a model of another: columns go by their names, categories by their text, not by place and code."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nn.arrays import AnyArray
from nn.data.columns import Column, category_of, shown
from nn.errors import DataError, RowError


class Matching:
    """From a table of the columns `given` to one of the columns `wanted`. () stands for rows of plain numbers.

    DataError where a column is missing, is there besides, or holds words where numbers are wanted.
    """

    def __init__(self, given: Sequence[Column], wanted: Sequence[Column]) -> None:
        if not given or not wanted:
            words = [column.name for column in given or wanted if column.kind == "categorical"]
            if words and given:
                raise DataError(f"columns: expected rows of plain numbers, got words in {shown(words)}")
            if words:
                raise DataError(f"columns: expected a table with words in {shown(words)}, got rows of plain numbers")
            given = wanted = ()
        self.given, self.wanted = tuple(given), tuple(wanted)
        places = {column.name: place for place, column in enumerate(given)}
        names = [column.name for column in wanted]
        for wrong, what in (
            ([name for name in names if name not in places], "without"),
            ([name for name in places if name not in names], "with"),
        ):
            if wrong:
                raise DataError(f"columns: expected {shown(names)}, got a table {what} {shown(wrong)}")
        self._sources = [places[name] for name in names]
        for source, column in zip(self._sources, wanted, strict=True):
            if column.kind == "numeric" and given[source].kind == "categorical":
                raise DataError(
                    f"columns: expected numbers in {column.name!r}, got words: {shown(given[source].categories)}"
                )
        self._codes = [column.codes for column in wanted]

    def rows(self, x: AnyArray, first: int = 0) -> AnyArray:
        """Rows x: (n, columns) as they are wanted; `first` is the number of the first one.

        RowError for a category that is not wanted.
        """
        if self.given == self.wanted:
            return x
        columns = [self._column(x[:, source], place, first) for place, source in enumerate(self._sources)]
        return np.column_stack(columns)

    def _column(self, values: AnyArray, place: int, first: int) -> npt.NDArray[np.float64]:
        column, given = self.wanted[place], self.given[self._sources[place]]
        out = values.astype(np.float64)
        if column.kind == "numeric":
            return out
        there = np.flatnonzero(~np.isnan(out))
        kinds, kind_of = np.unique(out[there], return_inverse=True)
        texts = [given.categories[int(code)] if given.categories else category_of(float(code)) for code in kinds]
        codes = np.array([self._codes[place].get(text, -1) for text in texts], np.float64)
        out[there] = codes[kind_of]
        if (out < 0).any():
            row = int((out < 0).argmax())
            came = texts[kind_of[np.searchsorted(there, row)]]
            expected = f"expected {shown(column.categories)} or a missing value, got {came!r}"
            raise RowError(first + row, column.name, f"{column.name}: {expected}")
        return out
