"""What a layer is: a function Y = f(X; θ) that can also send a gradient back through itself.

Throughout, L is the loss of the batch and dY stands for ∂L/∂Y, an array of Y's shape. Given dY, a layer works out
dθ = ∂L/∂θ for its own parameters and hands dX = ∂L/∂X to the layer before it. That is all of backpropagation
(docs/backpropagation.md, section 2).
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from nn.arrays import AnyArray, Array, Shape
from nn.options import Declared

MAX_UNITS = 1_000_000
"""Outputs of a dense layer: as many as a row of data may have numbers."""
MAX_FILTERS = 8192
MAX_PIXELS = 1024
"""The longest side, step or border that a layer over images may be given. Both hold for a spec and for a model from
outside."""


class Layer(Declared, ABC):
    """One step of a network.

    Life: `build` once its input's shape is known, `bind` to the views of the network's flat vectors, `initialize`,
    then `forward` and `backward` in turn. Shapes here are of one row, without the batch axis, unless it is named.
    """

    symbols: ClassVar[Mapping[str, str]] = {}
    """What the formulas call the parameters: {"weight": "W"} makes `bind` set the attributes W and dW."""
    takes: ClassVar[str | None] = None
    """What an input row must be: of "images", (height, width, channels), or of "rows" of numbers; None: either."""
    makes: ClassVar[str | None] = None
    """What it turns images into: "rows" of numbers; None: images stay images."""
    window: ClassVar[Mapping[str, str] | None] = None
    """Of a window that moves over an image, the options that say its `side`, its `stride` and the image's `padding`."""
    decayed: ClassVar[tuple[str, ...]] = ("weight",)
    """The parameters that weight decay and penalties act on."""
    needs_input_gradient = True
    """False where no layer before this one has parameters; `backward` may then leave dX unwritten."""
    buffer_nbytes = 0
    """Memory that is kept from one pass to the next."""

    @abstractmethod
    def build(self, input_shape: Shape) -> Shape:
        """Take the shape of one input row, return that of one output row; SpecError when they cannot fit."""

    def check_batch(self, rows: int) -> None:  # most layers can be trained on any number of rows
        """SpecError when it cannot learn from batches of this many rows."""

    def parameter_shapes(self) -> dict[str, Shape]:
        """The trained arrays by name."""
        return {}

    def statistics_shapes(self) -> dict[str, Shape]:
        """Arrays that are kept but not trained by gradients, such as running means."""
        return {}

    def bind(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        statistics: Mapping[str, Array],
        dtype: npt.DTypeLike,
    ) -> None:
        """Take the views to compute with: into the network's flat vectors, or copies of one's own."""
        self.parameters, self.gradients, self.statistics = dict(parameters), dict(gradients), dict(statistics)
        for name in parameters:
            setattr(self, self.symbols.get(name, name), parameters[name])
            setattr(self, f"d{self.symbols.get(name, name)}", gradients[name])
        for name in statistics:
            setattr(self, name, statistics[name])

    def initialize(self, rng: np.random.Generator) -> None:  # most layers have no parameters
        """Draw the first parameters."""

    def clear_buffers(self) -> None:  # only kernels keep any
        """Give the memory back that is kept between passes; the next pass allocates it again."""

    @property
    def multiplications(self) -> int:
        """Products of an input with a weight, for one row: nearly all of a layer's work."""
        return 0

    @property
    def scratch(self) -> int:
        """Numbers that `forward` lays out for one row beside its output."""
        return 0

    @abstractmethod
    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        """Y: (batch, …) from X: (batch, …); `rng` is given while training and None at prediction."""

    @abstractmethod
    def backward(self, dY: Array) -> Array:
        """dX from dY, for the batch of the last `forward`; writes the gradients of the parameters."""

    def stored(self, name: str) -> AnyArray:
        """A view of a parameter or statistic with the axes that PyTorch gives it: what files hold."""
        return self.parameters[name] if name in self.parameters else self.statistics[name]

    def config(self) -> dict[str, Any]:
        """What `nn.layers.layer_from` rebuilds this layer from; JSON-able."""
        return {"type": self.kind} | self.chosen()
