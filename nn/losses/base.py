"""What a loss is: one number for a batch, and the gradient that backpropagation begins with."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

from nn.arrays import AnyArray, Array
from nn.options import Declared


class Loss(Declared, ABC):
    """L(Z, targets), averaged over the batch; Z: (batch, n_out) are logits, not probabilities.

    `output` names the output function (`nn.outputs`) that belongs to it, by the task. `right` counts the rows of the
    last call where no logit was larger than that of the true class; 0 for regression.
    """

    output: ClassVar[dict[str, str]]
    """The output function for each task that the loss can train."""
    usual_for: ClassVar[str | None] = None
    """The task that it trains where no loss is said."""
    classes: ClassVar[int | None] = None
    """The number of classes that it is for; None: any."""

    def __init__(self, task: str, **options: Any) -> None:
        super().__init__(**options)
        self.task = task
        self.right = 0

    @abstractmethod
    def __call__(self, Z: Array, targets: AnyArray) -> tuple[float, Array]:
        """The mean loss L of the batch, and dZ: (batch, n_out), which is ∂L/∂Z; sets `right`.

        targets: (batch,) class indices, or (batch, n_out) values for regression.
        """

    def weight(self, targets: AnyArray) -> float:
        """The weight of this batch's loss in the mean over several batches."""
        return float(len(targets))

    def config(self) -> dict[str, Any]:
        """What `nn.losses.loss_from` rebuilds this loss from; JSON-able."""
        return {"name": self.kind} | self.chosen()


def one_hot(classes: AnyArray, Z: Array) -> Array:
    """Q: 1 for the class of each row, else 0; of Z's shape, (batch, K)."""
    Q: Array = np.eye(Z.shape[1], dtype=Z.dtype)[classes]
    return Q


def count_right(Z: Array, classes: AnyArray) -> int:
    """The rows where no logit is larger than that of the true class."""
    return int(np.count_nonzero(Z[np.arange(len(Z)), classes] == Z.max(axis=1)))
