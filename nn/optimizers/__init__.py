"""The optimizers, one small file each, and the table that names them in a specification."""

from collections.abc import Mapping
from typing import Any

from nn import checks, registry
from nn.optimizers.adagrad import AdaGrad
from nn.optimizers.adam import Adam, AdamW
from nn.optimizers.base import Optimizer
from nn.optimizers.rmsprop import RMSprop
from nn.optimizers.sgd import SGD

OPTIMIZERS: dict[str, type[Optimizer]] = registry.classes(__name__, Optimizer)

__all__ = ["OPTIMIZERS", "SGD", "AdaGrad", "Adam", "AdamW", "Optimizer", "RMSprop", "optimizer_from"]


def optimizer_from(config: Optimizer | str | Mapping[str, Any]) -> Optimizer:
    """An optimizer from {"name": "sgd", "learning_rate": 0.1, …}, or from its name; SpecError."""
    if isinstance(config, Optimizer):
        return config
    options = checks.options(config, "optimizer")
    name = options.pop("name", None)
    optimizer = checks.lookup(OPTIMIZERS, name, "optimizer")
    return optimizer(**options)
