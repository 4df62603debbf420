"""Output functions: from the network's last numbers, the logits Z, to what the model says.

They are not layers: a loss takes logits, because softmax and cross-entropy together have a simpler and safer gradient
than each alone. `out`, where it is given, receives the result; it may be Z itself.
"""

from collections.abc import Callable

import numpy as np

from nn.arrays import Array


def softmax(Z: Array, out: Array | None = None) -> Array:
    """Pₛₖ = e^Zₛₖ / Σₗ e^Zₛₗ, row by row; subtracting the row's maximum first changes nothing and cannot overflow.

    Z, P: (batch, classes).
    """
    P: Array = np.subtract(Z, Z.max(axis=1, keepdims=True), out=out)
    np.exp(P, out=P)
    np.divide(P, P.sum(axis=1, keepdims=True), out=P)
    return P


def log_softmax(Z: Array) -> Array:
    """log Pₛₖ = Zₛₖ − log Σₗ e^Zₛₗ, accurate also where P itself is too small for its type and becomes 0."""
    Z = Z - Z.max(axis=1, keepdims=True)
    log_P: Array = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return log_P


def sigmoid(Z: Array, out: Array | None = None) -> Array:
    """The probability of the second of two classes, P = 1 / (1 + e^−Z); that of the first is the sigmoid of −Z.

    As e^−log(e⁰ + e^−Z) it overflows nowhere, and keeps its digits where it is small; 1 − P has none of them left.
    """
    P: Array = np.negative(Z, out=out)
    np.logaddexp(0, P, out=P)
    np.negative(P, out=P)
    return np.exp(P, out=P)


def two_classes(Z: Array) -> Array:
    """P: (batch, 2) of one logit, Z: (batch, 1), which is overwritten."""
    return np.hstack([sigmoid(-Z), sigmoid(Z, Z)])


OUTPUTS: dict[str, Callable[[Array], Array]] = {
    "linear": lambda Z: Z,
    "sigmoid": two_classes,
    "softmax": lambda Z: softmax(Z, Z),
}
"""From logits, which may be overwritten, to P: (batch, classes); a regression's numbers are the logits themselves."""
