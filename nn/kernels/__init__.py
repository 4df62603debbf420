"""The same classes made fast: each module has kernels of the textbook's classes, and nothing but speed depends on them.

A kernel equals its definition in `nn.layers`, `nn.losses` or `nn.optimizers` except for the order of additions; the
tests hold each pair together. `nn.dispatch` chooses. A class without a row in `KERNELS` is used as it is.
"""

from nn.kernels import (
    activation,
    adaptive,
    batch_norm,
    conv,
    cross_entropy,
    dense,
    distance,
    distillation,
    dropout,
    flatten,
    pooling,
    sgd,
)
from nn.kernels.registry import KERNELS

__all__ = [
    "KERNELS",
    "activation",
    "adaptive",
    "batch_norm",
    "conv",
    "cross_entropy",
    "dense",
    "distance",
    "distillation",
    "dropout",
    "flatten",
    "pooling",
    "sgd",
]
