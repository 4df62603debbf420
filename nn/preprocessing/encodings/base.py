"""What an encoding is: what the columns of one kind become for a network."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

from nn.arrays import AnyArray
from nn.data.columns import Column


class Encoding(ABC):
    """Numbers measured on the training rows, with which values become features."""

    kind: ClassVar[str]
    """Its name in a model's file."""
    widths: Sequence[int]
    """How many features each of its columns becomes."""

    @abstractmethod
    def __call__(self, v: AnyArray) -> AnyArray:
        """Features: (batch, Σ widths), column by column, of the values v: (batch, columns), NaN for what is missing."""

    @abstractmethod
    def config(self) -> dict[str, Any]:
        """JSON-able; `from_config` takes it."""

    @classmethod
    @abstractmethod
    def from_config(cls, config: Mapping[str, Any], columns: Sequence[Column]) -> "Encoding":
        """Rebuild from `config()`; FormatError, or KeyError, TypeError and ValueError for what is no such thing."""


Fit: TypeAlias = Callable[[AnyArray], Encoding]
"""Training values: (n, columns) → the encoding of numbers that was chosen, measured on them."""
