"""Cross-entropy: how surprised the model is by the true class, in nats."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nn import checks
from nn.arrays import AnyArray, Array
from nn.errors import SpecError
from nn.losses.base import Loss
from nn.outputs import sigmoid


class CrossEntropy(Loss):
    """L = (1/n) Σₛ ℓₛ, ℓₛ = −Σₖ Qₛₖ log Pₛₖ, with P = softmax(Z) and Q the wanted distribution.

    Q is 1 for the true class y and 0 elsewhere; with label smoothing ε, Q = (1 − ε)[k = y] + ε/K (Szegedy et al. 2016,
    section 7). Since log Pₛₖ = Zₛₖ − log Σₗ e^Zₛₗ, no Jacobian is needed: ∂ℓₛ/∂Zₛₖ = Pₛₖ − Qₛₖ
    (Bridle 1990; docs/backpropagation.md, section 5). With class weights w the mean is weighted: Σₛ w_y ℓₛ / Σₛ w_y.
    """

    kind = "cross_entropy"
    output = {"classification": "softmax"}
    options = ("label_smoothing", "class_weights")

    def __init__(
        self, task: str, *, label_smoothing: float = 0.0, class_weights: Sequence[float] | None = None
    ) -> None:
        super().__init__(task)
        self.label_smoothing = checks.real(label_smoothing, "label_smoothing", below=1.0)
        self.class_weights = _weights(class_weights)

    def __call__(self, Z: Array, targets: AnyArray, dZ: Array) -> float:
        n, K = Z.shape
        smooth = self.label_smoothing
        # Transposed, the sums over classes run along whole rows of memory: four times as fast for ten classes.
        P: Array = self.buffers.get("P", (K, n), Z.dtype)
        row: Array = self.buffers.get("row", (n,), Z.dtype)
        log_p: Array = self.buffers.get("log_p", (n,), Z.dtype)
        wanted = self.buffers.get("wanted", (n,), np.intp)  # where P, flattened, has the true class of row s
        np.multiply(targets, n, out=wanted, casting="same_kind")
        np.add(wanted, self.rows(n), out=wanted)
        flat = P.reshape(-1)

        np.copyto(P, Z.T)
        np.maximum.reduce(P, axis=0, out=row)
        np.subtract(P, row, out=P)
        flat.take(wanted, out=log_p, mode="clip")
        self.right = n - int(np.count_nonzero(log_p))  # 0 where the true class has the largest logit
        if smooth:  # Σₖ Qₖ zₖ = (1 − ε) z_y + ε mean(z)
            log_p *= 1 - smooth
            log_p += smooth * P.mean(axis=0)
        np.exp(P, out=P)
        np.add.reduce(P, axis=0, out=row)
        np.divide(P, row, out=P)
        np.log(row, out=row)
        np.subtract(log_p, row, out=log_p)  # Σₖ Qₖ log Pₖ = −ℓ
        if smooth:
            np.subtract(P, smooth / K, out=P)
        flat.take(wanted, out=row, mode="clip")
        np.subtract(row, 1 - smooth, out=row)
        flat[wanted] = row  # P − Q
        if self.class_weights is None:
            np.multiply(P.T, 1 / n, out=dZ)
            mean: float = -float(np.add.reduce(log_p)) / n
            return mean
        w = np.asarray(self.class_weights, Z.dtype)[targets]
        total = float(w.sum())
        np.multiply(P.T, (w / total)[:, None], out=dZ)
        return -float(w @ log_p) / total

    def weight(self, targets: AnyArray) -> float:
        return float(len(targets) if self.class_weights is None else np.asarray(self.class_weights)[targets].sum())

    def single(self, z: Array, target: Any, dz: Array, scale: float) -> float:
        if self.label_smoothing or self.class_weights is not None:
            return super().single(z, target, dz, scale)
        number = self.number(z.dtype)
        number[()] = z[z.argmax()]
        np.subtract(z, number, out=dz)
        zero_or_less = dz.item(target)
        self.right = int(zero_or_less == 0)
        np.exp(dz, out=dz)
        total = float(dz.dot(self.ones(len(z), z.dtype)))  # as a product, a third of the time of a sum
        number[()] = scale / total
        np.multiply(dz, number, out=dz)
        dz[target] -= scale
        return math.log(total) - zero_or_less


class BinaryCrossEntropy(Loss):
    """L = −(1/n) Σₛ tₛ log pₛ + (1 − tₛ) log(1 − pₛ) for two classes, with p = sigmoid(z) of one logit.

    In terms of z the loss is max(z, 0) − t z + log(1 + e^−|z|), which cannot overflow, and ∂ℓₛ/∂zₛ = pₛ − tₛ.
    """

    kind = "binary_cross_entropy"
    output = {"classification": "sigmoid"}

    def __call__(self, Z: Array, targets: AnyArray, dZ: Array) -> float:
        n = len(Z)
        t = targets.reshape(n, 1)
        np.abs(Z, out=dZ)
        np.negative(dZ, out=dZ)
        np.exp(dZ, out=dZ)
        np.log1p(dZ, out=dZ)
        self.right = int(np.count_nonzero((Z > 0) == t))
        total = float(dZ.sum() + np.maximum(Z, 0).sum() - (Z * t).sum())
        sigmoid(Z, dZ)
        np.subtract(dZ, t, out=dZ)
        np.multiply(dZ, 1 / n, out=dZ)
        return total / n


def _weights(given: Any) -> list[float] | None:
    if given is None:
        return None
    if not isinstance(given, Sequence) or isinstance(given, str) or not given:
        raise SpecError(f"class_weights: expected a list with one number a class, got {given!r}")
    return [checks.real(w, "class_weights", above=0.0) for w in given]
