"""Batch normalisation in buffers, its sums over rows as products."""

import numpy as np

from nn.arrays import Array
from nn.kernels.registry import AccumulatingKernel, kernel_for
from nn.layers import BatchNorm


@kernel_for(BatchNorm)
class BatchNormKernel(AccumulatingKernel, BatchNorm):
    """X̂ and dX are written step by step, each step over the one before."""

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        Y: Array = self.buffers.get("Y", X.shape)
        x, y = X.reshape(-1, self.features), Y.reshape(-1, self.features)
        if rng is None:
            scale = self.gamma / np.sqrt(self.running_var + self.epsilon)
            np.multiply(x, scale, out=y)
            np.add(y, self.beta - self.running_mean * scale, out=y)
            return Y
        m = len(x)
        x_hat: Array = self.buffers.get("x_hat", x.shape)
        ones = self.ones(m)
        mean = ones @ x / m
        np.subtract(x, mean, out=x_hat)
        np.multiply(x_hat, x_hat, out=y)
        variance = ones @ y / m
        self.inverse = 1 / np.sqrt(variance + self.epsilon)
        np.multiply(x_hat, self.inverse, out=x_hat)
        np.multiply(x_hat, self.gamma, out=y)
        np.add(y, self.beta, out=y)
        self.remember(mean, variance, m)
        self.x_hat = x_hat
        return Y

    def backward(self, dY: Array) -> Array:
        dX: Array = self.buffers.get("dX", dY.shape)
        dy, dx = dY.reshape(-1, self.features), dX.reshape(-1, self.features)
        m, ones = len(dy), self.ones(len(dy))
        dbeta = ones @ dy
        np.multiply(dy, self.x_hat, out=dx)
        dgamma = ones @ dx
        np.multiply(self.x_hat, dgamma / -m, out=dx)
        np.add(dx, dy, out=dx)
        np.subtract(dx, dbeta / m, out=dx)
        np.multiply(dx, self.gamma * self.inverse, out=dx)
        for gradient, now in ((self.dgamma, dgamma), (self.dbeta, dbeta)):
            gradient[...] = gradient + self.scale * now if self.scale else now
        return dX
