"""Activation functions by name. A new one is a function, in a file of its own in this package."""

from collections.abc import Callable
from typing import TypeAlias

from nn import registry
from nn.arrays import Array

Activation: TypeAlias = Callable[[Array], tuple[Array, Array]]
"""x → (σ(x), σ′(x)), element by element."""

ACTIVATIONS: dict[str, Activation] = registry.functions(__name__)
