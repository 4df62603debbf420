"""What a loss is: one number for a batch, and the gradient that backpropagation begins with."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

from nn.arrays import AnyArray, Array, Buffers


class Loss(ABC):
    """L(Z, targets), averaged over the batch; Z: (batch, n_out) are logits, not probabilities.

    `output` names the output function (`nn.outputs`) that belongs to it, by the task. `right` counts the rows of the
    last call where no logit was larger than that of the true class; 0 for regression.
    """

    kind: ClassVar[str]
    """The loss's name in `LOSSES`."""
    output: ClassVar[dict[str, str]]
    """The output function for each task that the loss can train."""
    options: ClassVar[tuple[str, ...]] = ()

    def __init__(self, task: str) -> None:
        self.task = task
        self.right = 0
        self.buffers = Buffers()
        self._rows = np.arange(0)
        self._ones: Array = np.ones(0)
        self._number: Array = np.zeros(())

    @abstractmethod
    def __call__(self, Z: Array, targets: AnyArray, dZ: Array) -> float:
        """The mean loss of the batch, and sets `right`; dZ: (batch, n_out) receives ∂L/∂Z. Z is left as it is.

        targets: (batch,) class indices, or (batch, n_out) values for regression.
        """

    def weight(self, targets: AnyArray) -> float:
        """What the mean of a batch with these targets counts for beside that of another batch."""
        return float(len(targets))

    def single(self, z: Array, target: Any, dz: Array, scale: float) -> float:
        """The loss of one row, z: (n_out,); dz: (n_out,) receives `scale` · ∂L/∂z. For the path of batches of one."""
        loss = self(z[None], np.asarray(target)[None], dz[None])
        np.multiply(dz, scale, out=dz)
        return loss

    def rows(self, n: int) -> AnyArray:
        """0, 1, …, n − 1: the row numbers, kept between calls."""
        if len(self._rows) < n:
            self._rows = np.arange(n)
        return self._rows if len(self._rows) == n else self._rows[:n]

    def ones(self, n: int, dtype: Any) -> Array:
        """1: (n,), kept between calls."""
        if len(self._ones) != n or self._ones.dtype != dtype:
            self._ones = np.ones(n, dtype)
        return self._ones

    def number(self, dtype: Any) -> Array:
        """(): a number as an array, kept between calls; of a Python number NumPy makes a new one at each operation."""
        if self._number.dtype != dtype:
            self._number = np.zeros((), dtype)
        return self._number

    def config(self) -> dict[str, Any]:
        """What `nn.losses.loss_from` rebuilds this loss from; JSON-able."""
        return {"name": self.kind} | {name: getattr(self, name) for name in self.options}
