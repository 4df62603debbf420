"""A network: layers in a row over one flat vector of parameters (docs/backpropagation.md, sections 1 and 2).

All parameters lie in one vector θ and all gradients in one vector of the same layout; each layer computes on views
into them. An optimizer's step is then a few operations on whole vectors, whatever the layers are. Weights come first,
then biases and the other parameters, so that weight decay and penalties act on one slice.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nn.arrays import AnyArray, Array, Shape, aligned
from nn.data.rows import ROWS_AT_ONCE
from nn.dispatch import AVAILABLE, kernel_of
from nn.errors import SpecError
from nn.layers import Layer

MAX_PARAMETERS = 500_000_000

MAX_ACTIVATIONS = 1 << 26
"""Numbers that a forward pass may lay out for one row: 256 MiB of float32. At prediction a pass takes no more for all
its rows (`Network.rows_at_once`), whatever network is asked."""

MAX_MULTIPLICATIONS = 20_000_000_000
"""Products of an input with a weight for one row, half a second to a second of one core: more than VGG-16 has for an
image of 224×224 (15.5 thousand million)."""


class Network:
    """Z = f_k(… f₂(f₁(X))): `forward` runs the layers in order, `backward` the chain rule in reverse order.

    `parameters`, `gradients`: (parameter_count,). `decayed`: the slice of θ that holds weights.
    `statistics`: what is kept but not trained by gradients (batch normalisation's running moments).
    `kernels`: whether the fast classes compute (`nn.kernels`), where there are any; else the textbook's own.
    """

    def __init__(
        self, layers: Sequence[Layer], input_shape: Shape, dtype: npt.DTypeLike = np.float32, *, kernels: bool = True
    ) -> None:
        if not layers:
            raise SpecError("layers: expected at least one layer, got none")
        self.kernels = kernels and AVAILABLE
        self.layers = [kernel_of(layer, wanted=kernels) for layer in layers]
        self.input_shape = input_shape
        self.dtype = np.dtype(dtype)
        shape = input_shape
        self.activations = math.prod(input_shape)
        for layer in self.layers:
            shape = layer.build(shape)
            self.activations += math.prod(shape) + layer.scratch
        self.output_shape = shape
        for number, most, what in (
            (self.activations, MAX_ACTIVATIONS, "numbers between the layers for one row"),
            (self.multiplications, MAX_MULTIPLICATIONS, "multiplications for one row"),
        ):
            if number > most:
                raise SpecError(f"layers: expected at most {most} {what}, got {number}")
        self._lay_out()
        for layer in self.layers:
            layer.needs_input_gradient = True
        for layer in self.layers:  # Nothing before the first parameters wants a gradient.
            layer.needs_input_gradient = False
            if layer.parameter_shapes():
                break

    def _lay_out(self) -> None:
        """Allocate the flat vectors and hand each layer its views."""
        entries = [(i, name, s) for i, layer in enumerate(self.layers) for name, s in layer.parameter_shapes().items()]
        decayed = {(i, name) for i, layer in enumerate(self.layers) for name in layer.decayed}
        entries.sort(key=lambda entry: entry[:2] not in decayed)
        self.parameter_count = sum(math.prod(s) for _, _, s in entries)
        if self.parameter_count > MAX_PARAMETERS:
            raise SpecError(f"layers: expected at most {MAX_PARAMETERS} parameters, got {self.parameter_count}")
        self.decayed = slice(0, sum(math.prod(s) for i, name, s in entries if (i, name) in decayed))
        self.parameters: Array = aligned((self.parameter_count,), self.dtype)
        self.gradients: Array = aligned((self.parameter_count,), self.dtype)
        kept = [(i, name, s) for i, layer in enumerate(self.layers) for name, s in layer.statistics_shapes().items()]
        self.statistics: Array = np.zeros(sum(math.prod(s) for _, _, s in kept), self.dtype)
        parameters, gradients = _views(self.parameters, entries), _views(self.gradients, entries)
        statistics = _views(self.statistics, kept)
        for i, layer in enumerate(self.layers):
            layer.bind(parameters.get(i, {}), gradients.get(i, {}), statistics.get(i, {}), self.dtype)

    @property
    def multiplications(self) -> int:
        """Products of an input with a weight, for one row: what its training costs, up to a factor."""
        return sum(layer.multiplications for layer in self.layers)

    @property
    def rows_at_once(self) -> int:
        """Rows of one forward pass at prediction: as many as the cache likes, or as few as memory allows."""
        return max(1, min(ROWS_AT_ONCE, MAX_ACTIVATIONS // self.activations))

    @property
    def nbytes(self) -> int:
        """Memory of a network that only predicts: parameters, statistics, buffers. Its gradients were never written."""
        return self.parameters.nbytes + self.statistics.nbytes + self.buffer_nbytes

    @property
    def buffer_nbytes(self) -> int:
        """Memory that the layers keep from one pass to the next."""
        return sum(layer.buffer_nbytes for layer in self.layers)

    def clear_buffers(self) -> None:
        """Give that memory back; the next pass allocates it again."""
        for layer in self.layers:
            layer.clear_buffers()

    def initialize(self, rng: np.random.Generator) -> None:
        """Draw all first parameters, layer by layer."""
        for layer in self.layers:
            layer.initialize(rng)

    def forward(self, X: Array, rng: np.random.Generator | None = None) -> Array:
        """Z: (batch, n_out) from X: (batch, …); in training (`rng` given) the layers keep what `backward` needs.

        With kernels Z is a buffer that the next call writes over.
        """
        for layer in self.layers:
            X = layer.forward(X, rng)
        return X

    def backward(self, dZ: Array) -> None:
        """`gradients` ← ∂L/∂θ, from dZ = ∂L/∂Z: (batch, n_out)."""
        for layer in reversed(self.layers):
            dZ = layer.backward(dZ)
            if not layer.needs_input_gradient:
                break

    def tensors(self) -> Iterator[tuple[str, Array]]:
        """Every parameter and statistic as ("2.weight", view), named and laid out as in `torch.nn.Sequential`."""
        for i, layer in enumerate(self.layers):
            for name in (*layer.parameters, *layer.statistics):
                yield f"{i}.{name}", layer.stored(name)

    def config(self) -> list[dict[str, Any]]:
        """The layers as a JSON-able list."""
        return [layer.config() for layer in self.layers]


def _views(vector: AnyArray, entries: Sequence[tuple[int, str, Shape]]) -> dict[int, dict[str, AnyArray]]:
    """Cut a flat vector into named views, by layer."""
    views: dict[int, dict[str, AnyArray]] = {}
    start = 0
    for i, name, shape in entries:
        end = start + math.prod(shape)
        views.setdefault(i, {})[name] = vector[start:end].reshape(shape)
        start = end
    return views
