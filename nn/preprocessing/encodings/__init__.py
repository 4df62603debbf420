"""How the columns of a table become inputs of a network: one small file for each way."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from nn import registry
from nn.arrays import AnyArray
from nn.data.columns import Column
from nn.errors import FormatError
from nn.preprocessing.encodings.base import Encoding, Fit
from nn.preprocessing.encodings.calendar_parts import CalendarParts
from nn.preprocessing.encodings.one_hot import OneHot
from nn.preprocessing.encodings.piecewise_linear import PiecewiseLinear
from nn.preprocessing.encodings.scaled import Scaled

__all__ = [
    "ENCODINGS",
    "FITS",
    "CalendarParts",
    "Encoding",
    "Fit",
    "OneHot",
    "PiecewiseLinear",
    "Scaled",
    "encoding_from",
]

ENCODINGS: Final[dict[str, type[Encoding]]] = registry.classes(__name__, Encoding)

FITS: Final[dict[str, Callable[[Sequence[Column], AnyArray, Fit], Encoding]]] = {
    "categorical": lambda columns, _x, _numbers: OneHot(columns),
    "date": lambda _columns, x, numbers: CalendarParts.fit(x, numbers),
}
"""What measures the encoding of each kind of column but numbers, whose encoding is chosen."""


def encoding_from(config: Mapping[str, Any], columns: Sequence[Column]) -> Encoding:
    """Rebuild from its `config()`, for these columns; FormatError."""
    try:
        return ENCODINGS[config["kind"]].from_config(config, columns)
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"preprocessing: expected one of {', '.join(ENCODINGS)}, got {error!r}") from None
