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
    Z = Z - Z.max(axis=-1, keepdims=True)
    log_P: Array = Z - np.log(np.exp(Z).sum(axis=-1, keepdims=True))
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


def mean_of_members(Z: Array, output: str) -> Array:
    """Logits, (batch, n_out), whose output is the mean of what the members of an ensemble say.

    Z: (batch, members, n_out). Numbers are averaged as they are. Probabilities are averaged as probabilities,
    P = (1/k) Σₖ P(Zₖ), and log P are logits of P: softmax(log P) = P. The logit of one output is log P − log(1 − P).
    """
    if output == "linear":
        mean: Array = Z.mean(axis=1)
        return mean
    if output == "softmax":
        return _log_mean(log_softmax(Z))
    return _log_mean(-np.logaddexp(0, -Z)) - _log_mean(-np.logaddexp(0, Z))


def _log_mean(log_P: Array) -> Array:
    """log (1/k) Σₖ Pₖ over axis 1; the largest is taken out first, so that no P becomes 0."""
    most = log_P.max(axis=1, keepdims=True)
    mean: Array = np.log(np.exp(log_P - most).mean(axis=1)) + most[:, 0]
    return mean


OUTPUTS: dict[str, Callable[[Array], Array]] = {
    "linear": lambda Z: Z,
    "sigmoid": two_classes,
    "softmax": lambda Z: softmax(Z, Z),
}
"""From logits, which may be overwritten, to P: (batch, classes); a regression's numbers are the logits themselves."""
