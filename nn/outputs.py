"""Output functions: from the network's last numbers, the logits Z, to what the model says.

They are not layers: a loss takes logits, because softmax and cross-entropy together have a simpler and safer gradient
than each alone.
"""

from collections.abc import Callable

import numpy as np

from nn.arrays import Array


def softmax(Z: Array, out: Array) -> Array:
    """Pₛₖ = e^Zₛₖ / Σₗ e^Zₛₗ, row by row; subtracting the row's maximum first changes nothing and cannot overflow.

    Z, out: (batch, classes); they may be the same array.
    """
    np.subtract(Z, Z.max(axis=1, keepdims=True), out=out)
    np.exp(out, out=out)
    np.divide(out, out.sum(axis=1, keepdims=True), out=out)
    return out


def sigmoid(Z: Array, out: Array) -> Array:
    """The probability of the second of two classes, P = 1 / (1 + e^−Z); that of the first is the sigmoid of −Z.

    As e^−log(e⁰ + e^−Z) it overflows nowhere, and keeps its digits where it is small; 1 − P has none of them left.
    """
    np.negative(Z, out=out)
    np.logaddexp(0, out, out=out)
    np.negative(out, out=out)
    return np.exp(out, out=out)


def two_classes(Z: Array) -> Array:
    """P: (batch, 2) of one logit, Z: (batch, 1), which is overwritten."""
    return np.hstack([sigmoid(-Z, np.empty_like(Z)), sigmoid(Z, Z)])


OUTPUTS: dict[str, Callable[[Array], Array]] = {
    "linear": lambda Z: Z,
    "sigmoid": two_classes,
    "softmax": lambda Z: softmax(Z, Z),
}
"""From logits, which may be overwritten, to P: (batch, classes); a regression's numbers are the logits themselves."""
