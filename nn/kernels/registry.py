"""The table of kernels: which fast class stands for which of the textbook's."""

from collections.abc import Callable
from typing import Any, TypeVar

from nn.arrays import Array, Buffers
from nn.layers import Layer

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
