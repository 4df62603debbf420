"""Errors measured by distance: mean squared, mean absolute, and Huber's between the two."""

import numpy as np

from nn.arrays import AnyArray, Array
from nn.losses.base import Loss, one_hot
from nn.options import option
from nn.outputs import softmax


class MeanSquaredError(Loss):
    """The mean of the squared errors.

    L = (1/nK) Σₛₖ (Pₛₖ − Tₛₖ)², over n rows and K outputs.

    For regression P = Z, and ∂L/∂Z = G = 2 (P − T) / nK. For classification P = softmax(Z) and T is 1 for the true
    class, else 0; then softmax's exact Jacobian ∂Pₖ/∂Zₗ = Pₖ ([k = l] − Pₗ) carries G back to the logits:

        ∂L/∂Zₛₗ = Σₖ Gₛₖ ∂Pₛₖ/∂Zₛₗ = Pₛₗ (Gₛₗ − Σₖ Gₛₖ Pₛₖ)

    Its diagonal alone, Pₗ (1 − Pₗ) Gₗ, is what the article uses, and it costs accuracy (docs/backpropagation.md,
    section 5).
    """

    kind = "mean_squared_error"
    usual_for = "regression"
    output = {"classification": "softmax", "regression": "linear"}

    def __call__(self, Z: Array, targets: AnyArray) -> tuple[float, Array]:
        P, T = (Z, targets) if self.task == "regression" else (softmax(Z), one_hot(targets, Z))
        E = P - T
        L, G = float(np.vdot(E, E)) / E.size, 2 / E.size * E
        if self.task == "regression":
            return L, G
        self.right = int(np.count_nonzero(P.argmax(axis=1) == targets))
        return L, P * (G - np.einsum("sk,sk->s", G, P)[:, None])


class MeanAbsoluteError(Loss):
    """The mean of the absolute errors; for regression.

    L = (1/nK) Σₛₖ |Zₛₖ − Tₛₖ|; ∂L/∂Z = sign(Z − T) / nK.
    """

    kind = "mean_absolute_error"
    output = {"regression": "linear"}

    def __call__(self, Z: Array, targets: AnyArray) -> tuple[float, Array]:
        E = Z - targets
        return float(np.abs(E).sum()) / E.size, 1 / E.size * np.sign(E)


class Huber(Loss):
    """Squared for small errors, absolute beyond `delta`; for regression, in standard deviations of the target.

    L = (1/nK) Σₛₖ h(Zₛₖ − Tₛₖ); h(e) = e²/2 where |e| ≤ δ, else δ (|e| − δ/2) (Huber 1964, eq. 3.7 with k = δ).

    With c = clip(e, −δ, δ) both cases are h = c (e − c/2), and h′ = c.
    """

    kind = "huber"
    delta: float = option(1.0, above=0)
    output = {"regression": "linear"}

    def __call__(self, Z: Array, targets: AnyArray) -> tuple[float, Array]:
        e = Z - targets
        c = np.clip(e, -self.delta, self.delta)
        return float(np.vdot(c, e - c / 2)) / e.size, 1 / e.size * c
