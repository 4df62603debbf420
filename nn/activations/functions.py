"""Activation functions σ and their slopes σ′, element by element.

Each is one function that gives (σ(x), σ′(x)), both of x's shape. In the backward pass the chain rule is then one
product, dX = dY ⊙ σ′(X) (`nn.layers.activation`; docs/backpropagation.md, section 3).
"""

import math

import numpy as np

from nn.arrays import Array

LEAK = 0.01
GELU_C = math.sqrt(2 / math.pi)
GELU_A = 0.044715


def linear(x: Array) -> tuple[Array, Array]:
    """σ(x) = x; σ′ = 1."""
    return x, np.ones_like(x)


def sigmoid(x: Array) -> tuple[Array, Array]:
    """σ(x) = 1 / (1 + e⁻ˣ) = (1 + tanh(x/2)) / 2, which cannot overflow; σ′ = σ (1 − σ)."""
    y = (1 + np.tanh(x / 2)) / 2
    return y, y * (1 - y)


def tanh(x: Array) -> tuple[Array, Array]:
    """σ(x) = tanh x; σ′ = 1 − σ²."""
    y = np.tanh(x)
    return y, 1 - y**2


def relu(x: Array) -> tuple[Array, Array]:
    """σ(x) = max(x, 0); σ′ = 1 where x > 0, else 0 (Nair & Hinton 2010)."""
    return np.maximum(x, 0), (x > 0).astype(x.dtype)


def leaky_relu(x: Array) -> tuple[Array, Array]:
    """σ(x) = max(x, 0.01 x); σ′ = 1 where x > 0, else 0.01 (Maas et al. 2013)."""
    return np.maximum(x, LEAK * x), np.maximum((x > 0).astype(x.dtype), LEAK)


def elu(x: Array) -> tuple[Array, Array]:
    """σ(x) = x where x > 0, else eˣ − 1; σ′ = e^min(x, 0) = 1 + min(σ, 0) (Clevert et al. 2016, eq. 15)."""
    y = np.where(x > 0, x, np.expm1(np.minimum(x, 0)))
    return y, 1 + np.minimum(y, 0)


def silu(x: Array) -> tuple[Array, Array]:
    """σ(x) = x s, s = sigmoid(x); σ′ = s (1 + x (1 − s)) (Elfwing et al. 2018, eqs. 4 and 5)."""
    s, _ = sigmoid(x)
    return x * s, s * (1 + x * (1 - s))


def softplus(x: Array) -> tuple[Array, Array]:
    """σ(x) = log(1 + eˣ), by logaddexp(0, x) without overflow; σ′ = sigmoid(x) (Dugas et al. 2001)."""
    return np.logaddexp(0, x), sigmoid(x)[0]


def gelu(x: Array) -> tuple[Array, Array]:
    """σ(x) = x (1 + t)/2, t = tanh(√(2/π) (x + 0.044715 x³)) (Hendrycks & Gimpel 2016, section 2).

    σ′ = (1 + t)/2 + x (1 − t²)/2 · √(2/π) (1 + 3 · 0.044715 x²). This is PyTorch's `GELU(approximate="tanh")`.
    """
    t = np.tanh(GELU_C * (x + GELU_A * x**3))
    return x * (1 + t) / 2, (1 + t) / 2 + x * (1 - t**2) / 2 * GELU_C * (1 + 3 * GELU_A * x**2)
