"""Squared error of one row, for training in batches of one; of more rows the textbook is fast enough."""

from typing import Any

import numpy as np

from nn.arrays import Array
from nn.kernels.registry import Kernel, kernel_for
from nn.kernels.single import single
from nn.losses.distance import MeanSquaredError


@kernel_for(MeanSquaredError)
class MeanSquaredErrorKernel(Kernel, MeanSquaredError):
    """dz holds P − T, then ∂L/∂z."""

    def single(self, z: Array, target: Any, dz: Array, scale: float) -> float:
        if self.task == "regression":
            return single(self, z, target, dz, scale)
        p: Array = self.buffers.get("p", z.shape, z.dtype)
        top = z.argmax()
        self.right = int(top == target)
        np.subtract(z, z[top], out=p)
        np.exp(p, out=p)
        np.multiply(p, 1 / float(np.add.reduce(p)), out=p)
        np.copyto(dz, p)
        dz[target] -= 1
        K, squares = len(z), float(np.dot(dz, dz))
        np.subtract(dz, np.dot(dz, p), out=dz)
        np.multiply(dz, p, out=dz)
        np.multiply(dz, 2 * scale / K, out=dz)
        return squares / K
