"""The state of a training between two steps: all that a run must know to go on as if it had never stopped."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nn.arrays import AnyArray
from nn.container import pack, unpack
from nn.errors import FormatError


@dataclass(frozen=True)
class TrainingState:
    """`epoch` epochs are done. `arrays`: parameters, statistics, moments, best weights; `facts`: JSON-able numbers.

    The order of the data needs no place of its own: it is drawn from the generator, whose state is in `facts`. In the
    middle of an epoch `facts["within"]` holds the generator's state from the epoch's beginning, to draw the order
    again, and how far the epoch is; between two epochs it is not there.
    """

    epoch: int
    arrays: Mapping[str, AnyArray] = field(repr=False)
    facts: Mapping[str, Any] = field(repr=False)

    def to_bytes(self) -> bytes:
        """Everything in one file, without pickle."""
        return pack(self.arrays, {"kind": "training_state", "epoch": self.epoch, "facts": dict(self.facts)})

    @classmethod
    def from_bytes(cls, data: bytes) -> "TrainingState":
        """What `to_bytes` wrote; FormatError."""
        arrays, header = unpack(data)
        if header.get("kind") != "training_state":
            raise FormatError(f"training state: expected one, got {header.get('kind')!r}")
        return cls(header["epoch"], arrays, header["facts"])


@dataclass
class Within:
    """How far an epoch is: what was drawn at its beginning, the rows and steps that are done, and their sums."""

    generator: Mapping[str, Any]
    rows: int = 0
    step: int = 0
    loss: float = 0.0
    right: int = 0


def generator_state(rng: np.random.Generator) -> dict[str, Any]:
    """The state of a generator, JSON-able."""
    return {key: _plain(value) for key, value in rng.bit_generator.state.items()}


def restore_generator(rng: np.random.Generator, state: Mapping[str, Any]) -> None:
    """Set `rng` to a state from `generator_state`; FormatError when it is of another kind."""
    kind = type(rng.bit_generator).__name__
    if state.get("bit_generator") != kind:
        raise FormatError(f"training state: expected a {kind} generator, got {state.get('bit_generator')!r}")
    rng.bit_generator.state = dict(state)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value
