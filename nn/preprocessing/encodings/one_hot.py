"""One-hot: a category as many inputs as there are categories, so that no order is claimed where there is none."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nn.arrays import AnyArray
from nn.data.columns import Column
from nn.preprocessing.encodings.base import Encoding


class OneHot(Encoding):
    """X′ₛ𝑓 = [v = k𝑓]: 1 in the place of the row's own category, 0 in the others, and 0 in all for a missing one."""

    kind = "one_hot"

    def __init__(self, columns: Sequence[Column]) -> None:
        self.widths = [len(column.categories) for column in columns]
        self.source = np.repeat(np.arange(len(columns)), self.widths)
        self.codes = np.concatenate([np.arange(width, dtype=np.float64) for width in self.widths])

    def __call__(self, v: AnyArray) -> AnyArray:
        ones: AnyArray = np.take(v, self.source, axis=1) == self.codes
        return ones

    def config(self) -> dict[str, Any]:
        return {"kind": self.kind}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], columns: Sequence[Column]) -> "OneHot":
        del config  # the columns say all
        return cls(columns)
