"""The loss of an ensemble: each of its members learns by itself (`nn.layers.members`)."""

import numpy as np

from nn.arrays import AnyArray, Array
from nn.losses.base import Loss, count_right
from nn.outputs import mean_of_members


class EachMember(Loss):
    """L = (1/k) Σₖ L(Zₖ) over the members k, Z: (batch, members, n_out), so that ∂L/∂Zₖ is 1/k of that of L(Zₖ).

    A loss of the mean answer would let one member lean on another; learning apart they stay different, and their mean
    is better than each (Gorishniy et al. 2025). `right` counts what the mean of the members says.
    """

    def __init__(self, loss: Loss) -> None:
        super().__init__(loss.task)
        self.loss = loss

    def __call__(self, Z: Array, targets: AnyArray) -> tuple[float, Array]:
        members = Z.shape[1]
        dZ: Array = np.empty((members, len(Z), Z.shape[2]), Z.dtype)
        total = 0.0
        for Z_k, dZ_k in zip(np.ascontiguousarray(Z.swapaxes(0, 1)), dZ, strict=True):
            loss, gradient = self.loss(Z_k, targets)
            total += loss
            np.multiply(gradient, 1 / members, out=dZ_k)
        self.right = self._count_right(Z, targets)
        return total / members, dZ.swapaxes(0, 1)

    def _count_right(self, Z: Array, targets: AnyArray) -> int:
        if self.task != "classification":
            return 0
        mean = mean_of_members(Z, self.loss.output[self.task])
        return count_right(mean, targets) if mean.shape[1] > 1 else int(np.count_nonzero((mean[:, 0] > 0) == targets))

    def weight(self, targets: AnyArray) -> float:
        return self.loss.weight(targets)
