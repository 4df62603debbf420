"""Errors measured by distance: mean squared, mean absolute, and Huber's between the two."""

from typing import Any

import numpy as np

from nn import checks
from nn.arrays import AnyArray, Array
from nn.losses.base import Loss
from nn.outputs import softmax


class MeanSquaredError(Loss):
    """L = (1/nK) Σₛₖ (Pₛₖ − Tₛₖ)², over n rows and K outputs.

    For regression P = Z, and ∂L/∂Z = G = 2 (P − T) / nK. For classification P = softmax(Z) and T is 1 for the true
    class, else 0; then softmax's exact Jacobian ∂Pₖ/∂Zₗ = Pₖ ([k = l] − Pₗ) carries G back to the logits:

        ∂L/∂Zₛₗ = Σₖ Gₛₖ ∂Pₛₖ/∂Zₛₗ = Pₛₗ (Gₛₗ − Σₖ Gₛₖ Pₛₖ)

    Its diagonal alone, Pₗ (1 − Pₗ) Gₗ, is what the article uses, and it costs accuracy (docs/backpropagation.md,
    section 5).
    """

    kind = "mean_squared_error"
    output = {"classification": "softmax", "regression": "linear"}

    def __call__(self, Z: Array, targets: AnyArray, dZ: Array) -> float:
        n, K = Z.shape
        if self.task == "regression":
            np.subtract(Z, targets, out=dZ)
            loss: float = float(np.vdot(dZ, dZ)) / (n * K)
            np.multiply(dZ, 2 / (n * K), out=dZ)
            return loss
        P = softmax(Z, self.buffers.get("P", Z.shape, Z.dtype))
        self.right = int(np.count_nonzero(P.argmax(axis=1) == targets))
        np.copyto(dZ, P)
        dZ[self.rows(n), targets] -= 1
        loss = float(np.vdot(dZ, dZ)) / (n * K)
        np.multiply(dZ, 2 / (n * K), out=dZ)  # G
        np.subtract(dZ, np.einsum("sk,sk->s", dZ, P)[:, None], out=dZ)
        np.multiply(dZ, P, out=dZ)
        return loss

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


class MeanAbsoluteError(Loss):
    """L = (1/nK) Σₛₖ |Zₛₖ − Tₛₖ|; ∂L/∂Z = sign(Z − T) / nK."""

    kind = "mean_absolute_error"
    output = {"regression": "linear"}

    def __call__(self, Z: Array, targets: AnyArray, dZ: Array) -> float:
        np.subtract(Z, targets, out=dZ)
        loss = float(np.abs(dZ).sum()) / Z.size
        np.sign(dZ, out=dZ)
        np.multiply(dZ, 1 / Z.size, out=dZ)
        return loss


class Huber(Loss):
    """L = (1/nK) Σₛₖ h(Zₛₖ − Tₛₖ); h(e) = e²/2 where |e| ≤ δ, else δ (|e| − δ/2) (Huber 1964, eq. 3.7 with k = δ).

    With c = clip(e, −δ, δ) both cases are h = c (e − c/2), and h′ = c.
    """

    kind = "huber"
    output = {"regression": "linear"}
    options = ("delta",)

    def __init__(self, task: str, *, delta: float = 1.0) -> None:
        super().__init__(task)
        self.delta = checks.real(delta, "huber delta", above=0.0)

    def __call__(self, Z: Array, targets: AnyArray, dZ: Array) -> float:
        e: Array = np.subtract(Z, targets, out=self.buffers.get("e", Z.shape, Z.dtype))
        np.clip(e, -self.delta, self.delta, out=dZ)
        np.multiply(dZ, 0.5, out=dZ)
        np.subtract(e, dZ, out=e)
        loss = 2 * float(np.vdot(dZ, e)) / Z.size
        np.multiply(dZ, 2 / Z.size, out=dZ)
        return loss
