"""A dense layer's three products split between two cores: each computes with its own half of the weights.

Two threads that share one product hand each other what they read and write, and the next product, which BLAS splits in
another way, finds its numbers in the wrong caches again: with 784 inputs, 128 units and 128 rows a quarter of the time
goes by in waiting for the other core's. So all three are split in one way here, by the layer's inputs, which is the
tensor parallelism of Shoeybi et al. (2019, section 3) among the cores of one processor. V = Wᵀ is how the weights lie
in memory. X₁ and X₂ are the left and the right half of X's columns, V₁ and V₂ the upper and the lower half of V's rows:

    Y  = X V + b    Y = (b + X₁ V₁) + X₂ V₂
    dV = Xᵀ dY      dV₁ = X₁ᵀ dY      dV₂ = X₂ᵀ dY
    dX = dY Vᵀ      dX₁ = dY V₁ᵀ      dX₂ = dY V₂ᵀ

and SGD's step, a sum of vectors, is split in the middle too. Split product by product, as a library must that sees no
more than one of them, a step takes a sixth longer where 784-128-64-10 learns from batches of 128, less in larger
networks.
"""

from typing import Final

import numpy as np

from nn.arrays import Array, Buffers
from nn.kernels.blas import CallCache, Compute, Product, prepare, several_at_once, threads

WORTH_SPLITTING: Final = 4e6
"""Multiplications of a product from which it pays: with 6e6 a step took 0.9 of the time, with 2e6 as long as before.

Smaller ones are left to BLAS, which shares them among threads from 2¹⁹ multiplications on. Between the two numbers a
second thread can change the last bit on processors without AVX-512."""


class SplitMatmul:
    """The products of V: (i, j) in training, and of its gradient dV: (i, j).

    A single thread computes the same halves, one after the other: a second one changes no bit of a product that is
    split.
    """

    def __init__(self, V: Array, dV: Array) -> None:
        self.V, self.dV = V, dV
        self.buffers = Buffers(V.dtype)
        self.second: Array | None = None
        self.forward_products = CallCache(self._forward)
        self.backward_products = CallCache(self._backward)

    def forward(self, X: Array, b: Array | float, Y: Array) -> None:
        """Y ← X V + b; X: (n, i), b: (j,) or 0, Y: (n, j)."""
        np.copyto(Y, b)
        self.forward_products(X, Y)(1.0)
        if self.second is not None:
            np.add(Y, self.second, out=Y)

    def backward(self, X: Array, dY: Array, dX: Array | None, scale: float) -> None:
        """dX ← dY Vᵀ, unless it is None; dV ← Xᵀ dY for a scale of 0, else dV ← dV + scale · Xᵀ dY."""
        self.backward_products(X, dY, dX, bool(scale))(scale)

    def _parts(self, n: int) -> list[slice]:
        """The inputs, in one part or in two, for a batch of n."""
        i = len(self.V)
        split = n * self.V.size >= WORTH_SPLITTING and _can_split()
        return [slice(0, i // 2), slice(i // 2, i)] if split else [slice(0, i)]

    def _forward(self, X: Array, Y: Array, *_: object) -> Compute:
        parts = self._parts(len(X))
        self.second = self.buffers.get("second", Y.shape) if len(parts) > 1 else None
        outs = [Y] if self.second is None else [Y, self.second]
        return prepare(*(Product(X[:, p], self.V[p], out, out is Y) for p, out in zip(parts, outs, strict=True)))

    def _backward(self, X: Array, dY: Array, dX: Array | None, accumulate: bool) -> Compute:
        parts = self._parts(len(X))
        products = [Product(X[:, p].T, dY, self.dV[p], accumulate) for p in parts]
        if dX is not None:
            products += [Product(dY, self.V[p].T, dX[:, p]) for p in parts]
        return prepare(*products, at_once=_can_split())


def _can_split() -> bool:
    """Whether products are split here; among more than two threads, and in older versions, BLAS splits them."""
    return several_at_once() and threads() in (1, 2)
