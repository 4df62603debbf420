"""The table of kernels: which fast class stands for which of the textbook's."""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from nn.arrays import AnyArray, Array, Buffers
from nn.layers import Layer
from nn.losses import Loss

T = TypeVar("T", bound=type)

KERNELS: dict[type, type] = {}
"""The textbook's class → its kernel, a subclass that computes the same."""


def kernel_for(textbook: type) -> Callable[[T], T]:
    """Enter a class as the kernel of `textbook`."""

    def enter(kernel: T) -> T:
        KERNELS[textbook] = kernel
        return kernel

    return enter


class Kernel:
    """What kernels share: each is made from an object of the textbook, whose choices it takes over, and has buffers."""

    def __init__(self, textbook: Any) -> None:
        vars(self).update(vars(textbook))
        self.buffers = Buffers()


class LayerKernel(Kernel, Layer):
    """A layer that allocates nothing once it has seen a batch."""

    def bind(self, *views: Any) -> None:
        super().bind(*views)
        self.buffers = Buffers(views[-1])

    @property
    def buffer_nbytes(self) -> int:  # type: ignore[override]  # a constant where nothing is kept
        return self.buffers.nbytes

    def clear_buffers(self) -> None:
        self.buffers.clear()


class AccumulatingKernel(LayerKernel):
    """A layer that can add its gradients onto those of the steps before (`nn.kernels.fused_momentum`)."""

    scale = 0.0
    """Scale applied to the next gradient when it is accumulated, dθ ← dθ + scale · ∂L/∂θ; 0 overwrites."""

    def ones(self, n: int) -> Array:
        """1: (n,). As a matrix product, 1ᵀ dY is three times as fast as a sum over rows."""
        ones: Array = self.buffers.get("ones", (n,))
        if not ones[0]:
            ones.fill(1)
        return ones


class LossKernel(Kernel, Loss):
    """A loss that allocates nothing, and can take one row at a time for training in batches of one."""

    def __init__(self, textbook: Loss) -> None:
        super().__init__(textbook)
        self._rows = np.arange(0)
        self._ones: Array = np.ones(0)
        self._number: Array = np.zeros(())

    def single(self, z: Array, target: Any, dz: Array, scale: float) -> float:
        """The loss of one row, z: (n_out,); dz: (n_out,) receives `scale` · ∂L/∂z."""
        loss, dZ = self(z[None], np.asarray(target)[None])
        np.multiply(dZ[0], scale, out=dz)
        return loss

    def gradient(self, Z: Array) -> Array:
        """The array that dZ is written into."""
        dZ: Array = self.buffers.get("dZ", Z.shape, Z.dtype)
        return dZ

    def rows(self, n: int) -> AnyArray:
        """0, 1, …, n − 1: the row numbers, kept between calls."""
        if len(self._rows) < n:
            self._rows = np.arange(n)
        return self._rows if len(self._rows) == n else self._rows[:n]

    def ones(self, n: int, dtype: npt.DTypeLike) -> Array:
        """1: (n,), kept between calls."""
        if len(self._ones) != n or self._ones.dtype != dtype:
            self._ones = np.ones(n, dtype)
        return self._ones

    def number(self, dtype: npt.DTypeLike) -> Array:
        """(): a number as an array, kept between calls; of a Python number NumPy makes a new one at each operation."""
        if self._number.dtype != dtype:
            self._number = np.zeros((), dtype)
        return self._number
