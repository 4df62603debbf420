"""Activations written into buffers, in the fewest passes.

Each activation is a function `f(x, y, slope)` of three arrays of one shape. It reads x and writes σ(x) into y and σ′(x)
into slope; at prediction slope is None, and only y is written. x stays as it is; y and slope serve as scratch.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np

from nn.activations import Activation, functions
from nn.activations.functions import GELU_A, GELU_C, LEAK
from nn.arrays import Array
from nn.kernels.registry import LayerKernel, kernel_for
from nn.layers import ActivationLayer

InPlace: TypeAlias = Callable[[Array, Array, Array | None], None]

ZERO = np.zeros((), np.float32)
"""An array, not a Python number: to convert the number takes NumPy longer than to compare a layer of one image."""


def linear(x: Array, y: Array, slope: Array | None) -> None:
    """σ(x) = x."""
    np.copyto(y, x)
    if slope is not None:
        slope.fill(1)


def sigmoid(x: Array, y: Array, slope: Array | None) -> None:
    """σ(x) = 1 / (1 + e⁻ˣ) = (1 + tanh(x/2)) / 2, which cannot overflow; σ′ = σ (1 − σ)."""
    np.multiply(x, 0.5, out=y)
    np.tanh(y, out=y)
    np.multiply(y, 0.5, out=y)
    np.add(y, 0.5, out=y)
    if slope is not None:
        np.subtract(1, y, out=slope)
        np.multiply(slope, y, out=slope)


def tanh(x: Array, y: Array, slope: Array | None) -> None:
    """σ(x) = tanh x; σ′ = 1 − σ²."""
    np.tanh(x, out=y)
    if slope is not None:
        np.multiply(y, y, out=slope)
        np.subtract(1, slope, out=slope)


def relu(x: Array, y: Array, slope: Array | None) -> None:
    """σ(x) = max(x, 0); σ′ = 1 where x > 0, else 0 (Nair & Hinton 2010), so σ = x σ′, and σ′ is the sign of σ.

    For a batch the fewest passes count, for a single image the cheapest calls. With an array of zeros NumPy compares
    many numbers at a time, with a single zero on some processors one by one.
    """
    if x.ndim == 1:
        np.maximum(x, ZERO, out=y)
        if slope is not None:
            np.sign(y, out=slope)
    elif slope is not None:
        np.greater(x, ZERO, out=slope)
        np.multiply(x, slope, out=y)
    else:
        y.fill(0)
        np.maximum(x, y, out=y)


def leaky_relu(x: Array, y: Array, slope: Array | None) -> None:
    """σ(x) = max(x, 0.01 x); σ′ = 1 where x > 0, else 0.01 (Maas et al. 2013)."""
    np.multiply(x, LEAK, out=y)
    np.maximum(x, y, out=y)
    if slope is not None:
        np.greater(x, 0, out=slope)
        np.maximum(slope, LEAK, out=slope)


def elu(x: Array, y: Array, slope: Array | None) -> None:
    """σ(x) = x where x > 0, else eˣ − 1; σ′ = e^min(x, 0) = 1 + min(σ, 0) (Clevert et al. 2016, eq. 15)."""
    np.minimum(x, 0, out=y)
    np.expm1(y, out=y)
    if slope is not None:
        np.add(y, 1, out=slope)
    # eᵗ − 1 ≥ t, so for x ≤ 0 the maximum keeps eˣ − 1, and for x > 0 it takes x over 0.
    np.maximum(x, y, out=y)


def silu(x: Array, y: Array, slope: Array | None) -> None:
    """σ(x) = x s, s = sigmoid(x); σ′ = s (1 + x (1 − s)) (Elfwing et al. 2018, eqs. 4 and 5)."""
    sigmoid(x, y, None)
    if slope is not None:
        np.subtract(1, y, out=slope)
        np.multiply(slope, x, out=slope)
        np.add(slope, 1, out=slope)
        np.multiply(slope, y, out=slope)
    np.multiply(y, x, out=y)


def softplus(x: Array, y: Array, slope: Array | None) -> None:
    """σ(x) = log(1 + eˣ), by logaddexp(0, x) without overflow; σ′ = sigmoid(x) (Dugas et al. 2001)."""
    if slope is not None:
        sigmoid(x, slope, None)
    np.logaddexp(0, x, out=y)


def gelu(x: Array, y: Array, slope: Array | None) -> None:
    """σ(x) = x (1 + t)/2, t = tanh(√(2/π) (x + 0.044715 x³)) (Hendrycks & Gimpel 2016, section 2).

    σ′ = (1 + t)/2 + x (1 − t²)/2 · √(2/π) (1 + 3 · 0.044715 x²). This is PyTorch's `GELU(approximate="tanh")`.
    """
    np.multiply(x, x, out=y)
    if slope is not None:
        np.multiply(y, 1.5 * GELU_A * GELU_C, out=slope)
        np.add(slope, 0.5 * GELU_C, out=slope)
        np.multiply(slope, x, out=slope)  # x/2 · √(2/π) (1 + 3 · 0.044715 x²)
    np.multiply(y, GELU_A * GELU_C, out=y)
    np.add(y, GELU_C, out=y)
    np.multiply(y, x, out=y)
    np.tanh(y, out=y)  # t
    if slope is not None:
        # slope · (1 − t²) + (1 + t)/2 = (1 + t) (slope · (1 − t) + 1/2), and 1 − t = 2 − (1 + t): no scratch needed.
        np.add(y, 1, out=y)
        np.subtract(2, y, out=y)
        np.multiply(slope, y, out=slope)
        np.add(slope, 0.5, out=slope)
        np.subtract(2, y, out=y)
        np.multiply(slope, y, out=slope)
        np.subtract(y, 1, out=y)
    np.add(y, 1, out=y)
    np.multiply(y, 0.5, out=y)
    np.multiply(y, x, out=y)


IN_PLACE: Final[dict[Activation, InPlace]] = {
    functions.elu: elu,
    functions.gelu: gelu,
    functions.leaky_relu: leaky_relu,
    functions.linear: linear,
    functions.relu: relu,
    functions.sigmoid: sigmoid,
    functions.silu: silu,
    functions.softplus: softplus,
    functions.tanh: tanh,
}


def in_place(f: Activation) -> InPlace:
    """The kernel of an activation; where it has none, its own function, whose results are copied into the buffers."""

    def copied(x: Array, y: Array, slope: Array | None) -> None:
        y[...], there = f(x)
        if slope is not None:
            slope[...] = there

    return IN_PLACE.get(f, copied)


@kernel_for(ActivationLayer)
class ActivationKernel(LayerKernel, ActivationLayer):
    """Y and σ′(X) in buffers; the second becomes dX."""

    def __init__(self, textbook: ActivationLayer) -> None:
        super().__init__(textbook)
        self.in_place = in_place(textbook.f)

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        Y: Array = self.buffers.get("Y", X.shape)
        self.slope_buffer: Array | None = None if rng is None else self.buffers.get("slope", X.shape)
        self.in_place(X, Y, self.slope_buffer)
        return Y

    def backward(self, dY: Array) -> Array:
        assert self.slope_buffer is not None, "backward follows a forward pass in training"  # noqa: S101  # for the types
        return np.multiply(dY, self.slope_buffer, out=self.slope_buffer)
