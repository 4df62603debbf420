"""Rows of plain numbers, such as an array's: each feature becomes what a numeric column of a table does."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nn.arrays import AnyArray, Array
from nn.data.columns import Column
from nn.errors import FormatError
from nn.preprocessing.encodings import Encoding, encoding_from


class Numbers:
    """X: (batch, n) → X′: (batch, features), by the encoding of numeric columns."""

    kind = "numbers"

    def __init__(self, encoding: Encoding) -> None:
        self.encoding, self.widths = encoding, encoding.widths
        self.features = sum(self.widths)

    def __call__(self, x: AnyArray, out: Array) -> Array:
        """Encode rows x: (batch, n) into `out`: (batch, features)."""
        np.copyto(out, self.encoding(x), casting="same_kind")
        return out

    def config(self) -> dict[str, Any]:
        """JSON-able; `Numbers.from_config` takes it."""
        return {"kind": self.kind, "encoding": self.encoding.config()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], columns: int) -> "Numbers":
        """Rebuild from `config()`; FormatError."""
        encoding = config.get("encoding")
        if not isinstance(encoding, Mapping):
            raise FormatError(f"preprocessing: expected an encoding, got {encoding!r}")
        return cls(encoding_from(encoding, [Column(str(place)) for place in range(columns)]))
