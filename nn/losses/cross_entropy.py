"""Cross-entropy: how surprised the model is by the true class, in nats."""

from collections.abc import Sequence

import numpy as np

from nn.arrays import AnyArray, Array
from nn.losses.base import Loss, count_right, one_hot
from nn.options import option
from nn.outputs import log_softmax, sigmoid


class CrossEntropy(Loss):
    """How surprised the model is by the true class; for two classes and more.

    L = (1/n) Σₛ ℓₛ, ℓₛ = −Σₖ Qₛₖ log Pₛₖ, with P = softmax(Z) and Q the wanted distribution.

    Q is 1 for the true class y and 0 elsewhere; with label smoothing ε, Q = (1 − ε)[k = y] + ε/K (Szegedy et al. 2016,
    section 7). Since log Pₛₖ = Zₛₖ − log Σₗ e^Zₛₗ, no Jacobian is needed: ∂ℓₛ/∂Zₛₖ = Pₛₖ − Qₛₖ
    (Bridle 1990; docs/backpropagation.md, section 5). With class weights w the mean is weighted: Σₛ w_y ℓₛ / Σₛ w_y.
    """

    kind = "cross_entropy"
    usual_for = "classification"
    label_smoothing: float = option(0.0, below=1, says="share of certainty that is spread over all classes")
    class_weights: Sequence[float] | None = option(
        None,
        above=0,
        one_per_class=True,
        in_a_job={"minItems": 2, "maxItems": 8192},
        says="how much each class counts, one number a class",
    )
    output = {"classification": "softmax"}

    def __call__(self, Z: Array, targets: AnyArray) -> tuple[float, Array]:
        self.right = count_right(Z, targets)
        Q = (1 - self.label_smoothing) * one_hot(targets, Z) + self.label_smoothing / Z.shape[1]
        log_P = log_softmax(Z)
        w = self.row_weights(targets).astype(Z.dtype) / self.weight(targets)
        return float(w @ -(Q * log_P).sum(axis=1)), w[:, None] * (np.exp(log_P) - Q)

    def row_weights(self, targets: AnyArray) -> AnyArray:
        """What each row counts for: (n,)."""
        return np.ones(len(targets)) if self.class_weights is None else np.asarray(self.class_weights)[targets]

    def weight(self, targets: AnyArray) -> float:
        return float(self.row_weights(targets).sum())


class BinaryCrossEntropy(Loss):
    """How surprised the model is by the true one of two classes, said with one output.

    L = −(1/n) Σₛ tₛ log pₛ + (1 − tₛ) log(1 − pₛ) for two classes, with p = sigmoid(z) of one logit.

    In terms of z the loss is max(z, 0) − t z + log(1 + e^−|z|), which cannot overflow, and ∂ℓₛ/∂zₛ = pₛ − tₛ.
    """

    kind = "binary_cross_entropy"
    classes = 2
    output = {"classification": "sigmoid"}

    def __call__(self, Z: Array, targets: AnyArray) -> tuple[float, Array]:
        n, t = len(Z), targets.reshape(-1, 1)
        self.right = int(np.count_nonzero((Z > 0) == t))
        total = np.log1p(np.exp(-np.abs(Z))).sum() + np.maximum(Z, 0).sum() - (t * Z).sum()
        return float(total) / n, 1 / n * (sigmoid(Z) - t.astype(Z.dtype))
