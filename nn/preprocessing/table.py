"""Tables: columns of numbers, categories and dates become the inputs of a network.

Each kind of column has its encoding (`nn.preprocessing.encodings`), measured on the training rows; its features stand
in the place of their column.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from nn.arrays import AnyArray, Array
from nn.data.columns import Column
from nn.errors import FormatError
from nn.preprocessing.encodings import FITS, Encoding, Fit, encoding_from


class Table:
    """X: (batch, columns) float64, with codes for categories, seconds for dates and NaN for what is missing → X′:
    (batch, features).
    """

    kind = "table"

    def __init__(
        self,
        columns: Sequence[Column],
        encodings: Mapping[str, Encoding],
        *,
        target: str | None = None,
        left_out: Sequence[str] = (),
    ) -> None:
        """`encodings`: kind of column → what its columns become. `target` and `left_out` name columns that came with
        the training rows and are no inputs.
        """
        self.columns = tuple(columns)
        self.encodings = dict(encodings)
        self.target = target
        self.left_out = tuple(left_out)
        self.sources = {kind: _places(columns, kind) for kind in encodings}
        widths = np.zeros(len(columns), int)
        for kind, encoding in encodings.items():
            widths[self.sources[kind]] = encoding.widths
        self.widths: list[int] = widths.tolist()
        self.features = sum(self.widths)
        column_of = np.repeat(np.arange(len(columns)), widths)
        self.destinations = {
            kind: np.flatnonzero(np.isin(column_of, sources)) for kind, sources in self.sources.items()
        }

    @property
    def ignored(self) -> tuple[str, ...]:
        """Names of columns that may come with rows and are no inputs."""
        return (*self.left_out, *([] if self.target is None else [self.target]))

    def __call__(self, x: AnyArray, out: Array) -> Array:
        """Encode rows x: (batch, columns) into `out`: (batch, features)."""
        if len(self.encodings) == 1:
            (encoding,) = self.encodings.values()
            np.copyto(out, encoding(x), casting="same_kind")
            return out
        for kind, encoding in self.encodings.items():
            out[:, self.destinations[kind]] = encoding(x[:, self.sources[kind]])
        return out

    def config(self) -> dict[str, Any]:
        """JSON-able; `Table.from_config` takes it."""
        return {
            "kind": self.kind,
            "columns": [column.config() for column in self.columns],
            "encodings": {kind: encoding.config() for kind, encoding in self.encodings.items()},
            "target": self.target,
            "left_out": list(self.left_out),
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any], columns: int) -> "Table":
        """Rebuild from `config()`; FormatError."""
        try:
            listed = [Column.from_config(entry) for entry in config["columns"]]
            entries = _of_0_1_0(config) if "fill" in config else dict(config["encodings"])
            target, left_out = config.get("target"), [str(name) for name in config.get("left_out", ())]
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(f"preprocessing: expected columns and their encodings, got {error!r}") from None
        if len(listed) != columns:
            raise FormatError(f"preprocessing: expected {columns} columns, got {len(listed)}")
        kinds = [kind for kind in KINDS if _places(listed, kind).size]
        if not set(kinds) <= entries.keys():
            raise FormatError(f"preprocessing: expected encodings of {', '.join(kinds)} columns, got {list(entries)}")
        encodings = {
            kind: encoding_from(entries[kind], [column for column in listed if column.kind == kind]) for kind in kinds
        }
        return cls(listed, encodings, target=target, left_out=left_out)


KINDS: Final = ("numeric", *FITS)


def _places(columns: Sequence[Column], kind: str) -> AnyArray:
    return np.flatnonzero([column.kind == kind for column in columns])


def _of_0_1_0(config: Mapping[str, Any]) -> dict[str, Any]:
    """The encodings of a model of 0.1.0, which had one for numbers and one for categories."""
    numbers = {"kind": "scaled", "fill": config["fill"], "scaling": config["scaling"]}
    return {"numeric": numbers, "categorical": {"kind": "one_hot"}}


def fit_table(
    numbers: Fit,
    x: AnyArray,
    columns: Sequence[Column],
    *,
    target: str | None = None,
    left_out: Sequence[str] = (),
) -> Table:
    """The preprocessing of a table, measured on the training rows x; `numbers` measures that of its numeric columns."""
    encodings: dict[str, Encoding] = {}
    for kind in KINDS:
        places = _places(columns, kind)
        if places.size:
            own = [columns[place] for place in places]
            encodings[kind] = numbers(x[:, places]) if kind == "numeric" else FITS[kind](own, x[:, places], numbers)
    measured = [column.measured(values) for column, values in zip(columns, x.T, strict=True)]
    return Table(measured, encodings, target=target, left_out=left_out)
