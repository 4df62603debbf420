"""Exact stochastic gradient descent, one image a step, at the speed of blocks.

With a batch of one, the textbook step touches all of the first layer's weights for every image: 100,000 numbers for
MNIST, read and written again. But within a block of B images the first layer's products can be worked out beforehand.
Let W be its weights at the block's beginning, X: (B, n_in) the block, δᵢ = ∂L/∂zᵢ for image i, ηᵢ its learning rate.
When image j comes, the weights have become W − Σ_{i<j} ηᵢ δᵢᵀ xᵢ, so

    zⱼ = xⱼ Wᵀ − Σ_{i<j} ηᵢ (xⱼ · xᵢ) δᵢ = Zⱼ + Kⱼ,:ⱼ D:ⱼ

with Z = X Wᵀ and the Gram matrix K = X Xᵀ, two matrix products for the whole block, and the rows Dᵢ = −ηᵢ δᵢ. At the
block's end W ← W + Dᵀ X, a third. A bias is an input that is always one: it adds 1 to every entry of K. Nothing is
approximated (docs/backpropagation.md, section 7): only the order of additions differs from the plain path, and a test
holds them together. The later layers are small; they take their steps image by image, each with its bias as
one more column of its weights (against an input of one), and −η multiplied into the loss's gradient, from where the
chain rule carries it to all.
"""

from itertools import accumulate, pairwise
from typing import Any, cast

import numpy as np

from nn.arrays import AnyArray, Array
from nn.kernels.activation import ActivationKernel, InPlace
from nn.kernels.blas import AccumulatedProduct
from nn.kernels.dense import DenseKernel
from nn.kernels.single import single_of
from nn.losses.distillation import Distillation
from nn.optimizers import SGD
from nn.training.steps import BatchSteps

BLOCK = 64


class BlockedSGD:
    """Plain SGD with batch 1 for dense layers with activations between them."""

    rows = BLOCK
    steps_a_call = BLOCK

    @staticmethod
    def fits(steps: BatchSteps) -> bool:
        """Whether the algebra covers a training."""
        kinds = [type(layer) for layer in steps.network.layers]
        return (
            steps.rows == 1
            and type(steps.optimizer) is SGD
            and not steps.optimizer.momentum
            and not isinstance(steps.loss, Distillation)  # its teacher is asked about whole batches
            and not steps.regularization.active
            and kinds == ([DenseKernel, ActivationKernel] * len(kinds))[: len(kinds)]
            and kinds[-1] is DenseKernel
        )

    def __init__(self, steps: BatchSteps) -> None:
        network = steps.network
        self.loss, self.optimizer, self.rate = steps.loss, steps.optimizer, steps.rate
        self.single = single_of(self.loss)
        self.first = cast(DenseKernel, network.layers[0])
        width, dtype = self.first.units, network.dtype
        self.add_to_W = AccumulatedProduct(self.first.W.T)
        self.D: Array = np.empty((BLOCK, width), dtype)
        self.K: Array = np.empty((BLOCK, BLOCK), dtype)
        # Views are made once: for vectors this short, making one costs as much as computing with it.
        self.images = [(self.K[j, : j + 1], self.D[: j + 1], self.D[j]) for j in range(BLOCK)]
        self.z: Array = np.empty(width, dtype)
        activations = cast(list[ActivationKernel], network.layers[1::2])
        later = cast(list[DenseKernel], network.layers[2::2])
        # All later layers lie in one vector, and their changes in another: one addition takes all their steps.
        ends = list(accumulate((layer.units * (layer.n_in + layer.bias) for layer in later), initial=0))
        self.theta: Array = np.empty(ends[-1], dtype)
        self.theta_change: Array = np.empty(ends[-1], dtype)
        self.later = [
            _Later(dense, layer.in_place, self.theta[start:end], self.theta_change[start:end])
            for layer, dense, (start, end) in zip(activations, later, pairwise(ends), strict=True)
        ]
        pairs = list(zip(self.later[1:], self.later[:-1], strict=True))
        self.upper = [(layer, below.delta) for layer, below in reversed(pairs)]

    def __call__(self, X: Array, targets: AnyArray, first_step: int) -> tuple[float, int]:
        n = len(X)
        K, D = self.K[:n, :n], self.D[:n]
        np.matmul(X, self.first.W.T, out=D)  # row j holds Zⱼ until −ηⱼ δⱼ takes its place,
        np.matmul(X, X.T, out=K)
        if self.first.bias:
            D += self.first.b
            K += 1
        np.fill_diagonal(K, 1)  # so that Zⱼ + Σ_{i<j} Kⱼᵢ Dᵢ is one product
        for layer in self.later:
            layer.load()
        rates = [self.rate(first_step + j) for j in range(n)]
        total, right = 0.0, 0
        for image, target, eta in zip(self.images, targets, rates, strict=False):
            total += self._image(*image, target, eta)
            right += self.loss.right
        for layer in self.later:
            layer.store()
        self.add_to_W(X, D, 1.0)
        if self.first.bias:
            self.first.b += D.sum(axis=0)
        self.optimizer.steps += n
        return total, right

    def _image(self, k: Array, D: Array, d: Array, target: Any, eta: float) -> float:
        """One step: k = Kⱼ,:ⱼ₊₁, D = D:ⱼ₊₁; writes −ηⱼ δⱼ into d, which is Dⱼ."""
        z = k.dot(D, self.z)
        for layer in self.later:
            z = layer.forward(z)
        loss = self.single(z, target, self.later[-1].delta if self.later else d, -eta)
        for layer, below in self.upper:
            layer.backward(below)
        if self.later:
            self.later[0].backward(d)
            np.add(self.theta, self.theta_change, out=self.theta)
        return loss


class _Later:
    """An activation and the dense layer after it, for one image: z = M (σ(below), 1), M = (W, b)."""

    def __init__(self, dense: DenseKernel, f: InPlace, theta: Array, change: Array) -> None:
        self.dense, self.f, dtype = dense, f, theta.dtype
        n_in, n_out = dense.n_in, dense.units
        self.M = theta.reshape(n_out, n_in + dense.bias)
        self.change = change.reshape(self.M.shape)
        self.W = self.M[:, :n_in]
        self.a1: Array = np.ones(n_in + dense.bias, dtype)
        self.a = self.a1[:n_in]
        self.row = self.a1[None]
        self.dx1: Array = np.empty(n_in + dense.bias, dtype)
        self.dx = self.dx1[:n_in]
        self.slope: Array = np.empty(n_in, dtype)
        self.z: Array = np.empty(n_out, dtype)
        self.delta: Array = np.empty(n_out, dtype)
        self.column = self.delta[:, None]

    def load(self) -> None:
        """Take the layer's parameters as they are now."""
        self.W[...] = self.dense.W
        if self.dense.bias:
            self.M[:, -1] = self.dense.b

    def store(self) -> None:
        """Give them back."""
        self.dense.W[...] = self.W
        if self.dense.bias:
            self.dense.b[...] = self.M[:, -1]

    def forward(self, x: Array) -> Array:
        """z: (n_out,) from x: (n_in,), the sums of the layer below."""
        self.f(x, self.a, self.slope)
        return self.M.dot(self.a1, self.z)

    def backward(self, below: Array) -> None:
        """From `delta` = −η ∂L/∂z write −η ∂L/∂x into `below`, and the step that is to be taken into `change`."""
        self.delta.dot(self.M, self.dx1)
        np.multiply(self.dx, self.slope, out=below)
        self.column.dot(self.row, self.change)  # δ aᵀ; as a matrix product, twice as fast as an outer product
