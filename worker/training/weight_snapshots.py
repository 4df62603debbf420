"""How the first layer's weights grew: small copies of them at some of a training's epochs, for people to look at.

A copy has a byte a weight, and one scale for all: q = round(127 W / max |W|). Of a long training every second copy is
dropped again and again, so that their number stays bounded. A worker that crashes loses the copies that it took.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

import nn
from nn.layers import Dense

MOST_UNITS: Final = 32
MOST_INPUTS: Final = 4096
MOST_COPIES: Final = 24


class WeightSnapshots:
    """The copies that a training takes of its first layer; none where that is not a dense one of a reasonable size."""

    def __init__(self, model: nn.Model) -> None:
        first = next((layer for layer in model.network.layers if layer.parameter_shapes()), None)
        dense = first if isinstance(first, Dense) and first.takes == "rows" else None
        self._weights = dense.W[:MOST_UNITS] if dense and dense.n_in <= MOST_INPUTS else None
        self._copies: dict[int, tuple[NDArray[Any], float]] = {}
        self._every = 1

    def take(self, epoch: int) -> None:
        """Copy the weights as they are after `epoch`; 0: before the first."""
        if self._weights is None or epoch % self._every:
            return
        if len(self._copies) == MOST_COPIES:
            self._every *= 2
            self._copies = {kept: copy for kept, copy in self._copies.items() if kept % self._every == 0}
            self.take(epoch)
            return
        largest = float(np.abs(self._weights).max()) or 1.0
        self._copies[epoch] = np.rint(self._weights * (127 / largest)).astype(np.int8, order="C"), largest / 127

    @property
    def epochs(self) -> list[int]:
        """The epochs of which there is a copy."""
        return list(self._copies)

    def to_bytes(self) -> bytes:
        """A safetensors file: `weights` (copies, units, inputs) as bytes, `scales` (copies,) to multiply them with."""
        copies = list(self._copies.values())
        weights = np.stack([weights for weights, _ in copies])
        return save({"weights": weights, "scales": np.array([scale for _, scale in copies], np.float32)})
