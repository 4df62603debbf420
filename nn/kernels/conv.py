"""The convolution's copies of pixels in a buffer, and sums over them along the longest runs of memory."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from nn.arrays import Array
from nn.kernels.blas import AccumulatedProduct
from nn.kernels.registry import AccumulatingKernel, kernel_for
from nn.layers import Conv2D


@kernel_for(Conv2D)
class Conv2DKernel(AccumulatingKernel, Conv2D):
    """C is copied in one go, from a view of X with an axis for each axis of C."""

    def bind(self, *views: Any) -> None:
        super().bind(*views)
        self.add_dW = AccumulatedProduct(self.dW)
        if self.bias:
            self.add_db = AccumulatedProduct(self.db)

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        n, p = len(X), self.padding
        if p:
            padded: Array = self.buffers.get("padded", (n, *self.padded))
            padded[:, p:-p, p:-p] = X
            X = padded
        C: Array = self.buffers.get("C", (n, self.P, self.Q, self.kernel, self.kernel, self.channels))
        s, h, w, c = X.strides
        np.copyto(C, as_strided(X, C.shape, (s, h * self.stride, w * self.stride, h, w, c), writeable=False))
        self.C = C.reshape(-1, self.n_in)
        Y: Array = self.buffers.get("Y", (n, self.P, self.Q, self.filters))
        rows = Y.reshape(-1, self.filters)
        np.matmul(self.C, self.W.T, out=rows)
        if self.bias:
            np.add(rows, self.b, out=rows)
        return Y

    def backward(self, dY: Array) -> Array:
        rows = dY.reshape(-1, self.filters)
        self.add_dW(rows, self.C, self.scale)
        if self.bias:
            self.add_db(self.ones(len(rows)), rows, self.scale)
        if not self.needs_input_gradient:
            return dY
        n, k, t, p = len(dY), self.kernel, self.stride, self.padding
        dC: Array = self.buffers.get("dC", (n, self.P, self.Q, k, k, self.channels))
        np.matmul(rows, self.W, out=dC.reshape(-1, self.n_in))
        dX: Array = self.buffers.get("dX", (n, *self.padded))
        dX.fill(0)
        for i in range(k):  # One row of the filter, at one column of places: the longest runs of memory there are.
            for q in range(self.Q):
                part = dX[:, i : i + t * self.P : t, q * t : q * t + k]
                np.add(part, dC[:, :, q, i], out=part)
        return dX[:, p:-p, p:-p] if p else dX
