"""Losses by distance, in buffers."""

from typing import Any

import numpy as np

from nn.arrays import AnyArray, Array
from nn.kernels.registry import LossKernel, kernel_for
from nn.losses.distance import Huber, MeanAbsoluteError, MeanSquaredError
from nn.outputs import softmax


@kernel_for(MeanSquaredError)
class MeanSquaredErrorKernel(LossKernel, MeanSquaredError):
    """dZ holds P − T, then G, then ∂L/∂Z."""

    def __call__(self, Z: Array, targets: AnyArray) -> tuple[float, Array]:
        n, K = Z.shape
        dZ = self.gradient(Z)
        if self.task == "regression":
            np.subtract(Z, targets, out=dZ)
            loss: float = float(np.vdot(dZ, dZ)) / (n * K)
            np.multiply(dZ, 2 / (n * K), out=dZ)
            return loss, dZ
        P = softmax(Z, self.buffers.get("P", Z.shape, Z.dtype))
        self.right = int(np.count_nonzero(P.argmax(axis=1) == targets))
        np.copyto(dZ, P)
        dZ[self.rows(n), targets] -= 1
        loss = float(np.vdot(dZ, dZ)) / (n * K)
        np.multiply(dZ, 2 / (n * K), out=dZ)  # G
        np.subtract(dZ, np.einsum("sk,sk->s", dZ, P)[:, None], out=dZ)
        np.multiply(dZ, P, out=dZ)
        return loss, dZ

    def single(self, z: Array, target: Any, dz: Array, scale: float) -> float:
        if self.task == "regression":
            return super().single(z, target, dz, scale)
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


@kernel_for(MeanAbsoluteError)
class MeanAbsoluteErrorKernel(LossKernel, MeanAbsoluteError):
    """dZ holds Z − T, then ∂L/∂Z."""

    def __call__(self, Z: Array, targets: AnyArray) -> tuple[float, Array]:
        dZ = np.subtract(Z, targets, out=self.gradient(Z))
        loss = float(np.abs(dZ).sum()) / Z.size
        np.sign(dZ, out=dZ)
        return loss, np.multiply(dZ, 1 / Z.size, out=dZ)


@kernel_for(Huber)
class HuberKernel(LossKernel, Huber):
    """dZ holds c/2, then ∂L/∂Z."""

    def __call__(self, Z: Array, targets: AnyArray) -> tuple[float, Array]:
        dZ = self.gradient(Z)
        e: Array = np.subtract(Z, targets, out=self.buffers.get("e", Z.shape, Z.dtype))
        np.clip(e, -self.delta, self.delta, out=dZ)
        np.multiply(dZ, 0.5, out=dZ)
        np.subtract(e, dZ, out=e)
        loss = 2 * float(np.vdot(dZ, e)) / Z.size
        return loss, np.multiply(dZ, 2 / Z.size, out=dZ)
