"""The same classes made fast: each module has kernels of the textbook's classes, and nothing but speed depends on them.

A kernel equals its definition in `nn.layers`, `nn.losses` or `nn.optimizers` except for the order of additions; the
tests hold each pair together. `nn.dispatch` chooses. A class without a row in `KERNELS` is used as it is. A new kernel
is a file in this package, and nothing else.
"""

from nn.kernels.registry import KERNELS
from nn.registry import modules

__all__ = ["KERNELS"]

modules(__name__)  # each enters its kernels
