"""The same classes made fast: each module has kernels of the textbook's classes, and nothing but speed depends on them.

A kernel equals its definition in `nn.layers`, `nn.losses` or `nn.optimizers` except for the order of additions; the
tests hold each pair together. `nn.dispatch` chooses. A class without a row in `KERNELS` is used as it is. A new kernel
is a file in this package, and nothing else.
"""

import importlib
import pkgutil

from nn.kernels.registry import KERNELS

__all__ = ["KERNELS"]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
