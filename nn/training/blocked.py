"""Exact stochastic gradient descent, one image a step, at the speed of blocks.

With a batch of one, the textbook step touches all of the first layer's weights for every image: 100,000 numbers for
MNIST, read and written again. But within a block of B images the first layer's products can be worked out beforehand.
Let W be its weights at the block's beginning, X: (B, n_in) the block, δᵢ = ∂L/∂zᵢ for image i, ηᵢ its learning rate.
When image j comes, the weights have become W − Σ_{i<j} ηᵢ δᵢᵀ xᵢ, so

    zⱼ = xⱼ Wᵀ − Σ_{i<j} ηᵢ (xⱼ · xᵢ) δᵢ = Zⱼ + Kⱼ,:ⱼ D:ⱼ

with Z = X Wᵀ and the Gram matrix K = X Xᵀ, two matrix products for the whole block, and the rows Dᵢ = −ηᵢ δᵢ. At the
block's end W ← W + Dᵀ X, a third. A bias is an input that is always one: it adds 1 to every entry of K. Nothing is
approximated: the steps are those of the plain path but for the order of additions, and a test holds them together.
The later layers are small; they take their steps image by image.
"""

from collections.abc import Callable
from typing import cast

import numpy as np

from nn.arrays import AnyArray, Array
from nn.layers import ActivationLayer, Dense
from nn.losses import Loss
from nn.network import Network
from nn.optimizers import SGD, Optimizer
from nn.training.regularization import Regularization

BLOCK = 64


class BlockedSGD:
    """Plain SGD with batch 1 for dense layers with activations between them."""

    rows = BLOCK
    steps_a_call = BLOCK

    @staticmethod
    def obstacle(network: Network, optimizer: Optimizer, regularization: Regularization, batch_size: int) -> str | None:
        """What keeps a training from this path; None if nothing does."""
        if batch_size != 1:
            return f"batch_size {batch_size}"
        if not isinstance(optimizer, SGD) or optimizer.momentum:
            return f"the optimizer {optimizer.kind} with memory"
        if regularization.active:
            return "weight decay, a penalty or clipping"
        kinds = [type(layer) for layer in network.layers]
        pairs = kinds[0::2] == [Dense] * len(kinds[0::2]) and kinds[1::2] == [ActivationLayer] * len(kinds[1::2])
        if not pairs or kinds[-1] is not Dense:
            return "layers other than dense, activation, dense, …"
        return None

    def __init__(self, network: Network, loss: Loss, optimizer: Optimizer, rate: Callable[[int], float]) -> None:
        self.network, self.loss, self.optimizer, self.rate = network, loss, optimizer, rate
        self.first = cast(Dense, network.layers[0])
        width, dtype = self.first.units, network.dtype
        self.D: Array = np.zeros((BLOCK, width), dtype)
        self.Z: Array = np.empty((BLOCK, width), dtype)
        self.K: Array = np.empty((BLOCK, BLOCK), dtype)
        self.dense = [cast(Dense, layer) for layer in network.layers[2::2]]
        self.functions = [cast(ActivationLayer, layer).f for layer in network.layers[1::2]]
        widths = [width, *(layer.units for layer in self.dense)]
        self.z: list[Array] = [np.empty(w, dtype) for w in widths]
        self.a: list[Array] = [np.empty(w, dtype) for w in widths[:-1]]
        self.slope: list[Array] = [np.empty(w, dtype) for w in widths[:-1]]
        self.delta: list[Array] = [np.empty(w, dtype) for w in widths]
        self.outer: list[Array] = [np.empty(layer.W.shape, dtype) for layer in self.dense]

    def __call__(self, X: Array, targets: AnyArray, first_step: int) -> tuple[float, int]:
        n = len(X)
        Z, K, D = self.Z[:n], self.K[:n, :n], self.D[:n]
        np.matmul(X, self.first.W.T, out=Z)
        np.matmul(X, X.T, out=K)
        if self.first.bias:
            Z += self.first.b
            K += 1
        total, right = 0.0, 0
        for j in range(n):
            loss, hit = self._image(Z[j], K[j, :j], D[:j], D[j], targets[j : j + 1], self.rate(first_step + j))
            total += loss
            right += hit
        self.first.W += D.T @ X
        if self.first.bias:
            self.first.b += D.sum(axis=0)
        self.optimizer.steps += n
        return total, right

    def _image(self, z: Array, k: Array, D: Array, d: Array, target: AnyArray, eta: float) -> tuple[float, int]:
        """One step: z = Zⱼ, k = Kⱼ,:ⱼ, D = D:ⱼ; writes Dⱼ into d."""
        last = len(self.dense)
        z += k @ D
        for i, layer in enumerate(self.dense):
            self.functions[i](z, self.a[i], self.slope[i])
            z = np.matmul(layer.W, self.a[i], out=self.z[i + 1])
            if layer.bias:
                z += layer.b
        delta = self.delta[last]
        loss = self.loss(z[None], target, delta[None])
        for i in range(last - 1, -1, -1):
            layer = self.dense[i]
            below = np.matmul(delta, layer.W, out=self.delta[i])
            below *= self.slope[i]
            delta *= -eta
            layer.W += np.multiply(delta[:, None], self.a[i], out=self.outer[i])
            if layer.bias:
                layer.b += delta
            delta = below
        np.multiply(delta, -eta, out=d)
        return loss, self.loss.right
