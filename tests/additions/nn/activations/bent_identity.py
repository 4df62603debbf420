"""The bent identity."""

import numpy as np


def bent_identity(x):
    """σ(x) = (√(x² + 1) − 1)/2 + x; σ′ = x / (2 √(x² + 1)) + 1."""
    root = np.sqrt(x**2 + 1)
    return (root - 1) / 2 + x, x / (2 * root) + 1
