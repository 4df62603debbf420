"""A loss of one row, as training in batches of one wants it."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from nn.arrays import Array
from nn.losses import Loss


def single(loss: Loss, z: Array, target: Any, dz: Array, scale: float) -> float:
    """The loss of one row, z: (n_out,), as a batch of one; dz: (n_out,) receives `scale` · ∂L/∂z."""
    value, dZ = loss(z[None], np.asarray(target)[None])
    np.multiply(dZ[0], scale, out=dz)
    return value


def single_of(loss: Loss) -> Callable[[Array, Any, Array, float], float]:
    """The kernel's own way to do that, where it has one."""
    own: Callable[[Array, Any, Array, float], float] = getattr(loss, "single", partial(single, loss))
    return own
