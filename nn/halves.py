"""A dense layer's three products in two halves: each core computes with its own half of the weights, always the same.

Two threads that share one product hand each other what they read and write, and the next product, which BLAS divides in
another way, finds its numbers in the wrong caches again: with 784 inputs, 128 units and 128 rows a quarter of the time
goes by in waiting for the other core's. So all three are divided in one way here, by the layer's inputs, as Shoeybi et
al. (2019, section 3) divide among GPUs. With X = (X₁ X₂), and W₁ over W₂,

    Y  = X W + b    Y = (b + X₁ W₁) + X₂ W₂
    dW = Xᵀ dY      dW₁ = X₁ᵀ dY      dW₂ = X₂ᵀ dY
    dX = dY Wᵀ      dX₁ = dY W₁ᵀ      dX₂ = dY W₂ᵀ

and SGD's step, a sum of vectors, is divided in the middle too.
"""

from typing import Final

import numpy as np

from nn.arrays import Array, Buffers
from nn.blas import Compute, Kept, Product, prepare, several_at_once, threads

WORTH_HALVES: Final = 4e6
"""Multiplications of a product from which it pays: with 6e6 a step took 0.9 of the time, with 2e6 as long as before."""


class Halves:
    """The products of W: (i, j) in training, and of its gradient dW: (i, j).

    A single thread computes the same halves, one after the other: a second one changes no result.
    """

    def __init__(self, W: Array, dW: Array) -> None:
        self.W, self.dW = W, dW
        self.buffers = Buffers(W.dtype)
        self.second: Array | None = None
        self.forward_products = Kept(self._forward)
        self.backward_products = Kept(self._backward)

    def forward(self, X: Array, b: Array | float, Y: Array) -> None:
        """Y ← X W + b; X: (n, i), b: (j,) or 0, Y: (n, j)."""
        np.copyto(Y, b)
        self.forward_products(X, Y)(1.0)
        if self.second is not None:
            np.add(Y, self.second, out=Y)

    def backward(self, X: Array, dY: Array, dX: Array | None, add: float) -> None:
        """dX ← dY Wᵀ, if it is wanted; dW ← Xᵀ dY, or but for add = 0, dW ← dW + add · Xᵀ dY."""
        self.backward_products(X, dY, dX, bool(add))(add)

    def _parts(self, n: int) -> list[slice]:
        """The inputs, in one part or in two, for a batch of n."""
        i = len(self.W)
        divided = n * self.W.size >= WORTH_HALVES and _here()
        return [slice(0, i // 2), slice(i // 2, i)] if divided else [slice(0, i)]

    def _forward(self, X: Array, Y: Array, *_: object) -> Compute:
        parts = self._parts(len(X))
        self.second = self.buffers.get("second", Y.shape) if len(parts) > 1 else None
        outs = [Y] if self.second is None else [Y, self.second]
        return prepare(*(Product(X[:, p], self.W[p], out, out is Y) for p, out in zip(parts, outs, strict=True)))

    def _backward(self, X: Array, dY: Array, dX: Array | None, added: bool) -> Compute:
        parts = self._parts(len(X))
        products = [Product(X[:, p].T, dY, self.dW[p], added) for p in parts]
        if dX is not None:
            products += [Product(dY, self.W[p].T, dX[:, p]) for p in parts]
        return prepare(*products, at_once=_here())


def _here() -> bool:
    """Whether products are divided here; among more than two threads, and in older versions, BLAS divides them."""
    return several_at_once() and threads() in (1, 2)
