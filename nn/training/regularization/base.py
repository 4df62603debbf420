"""What a regularizer is: something that acts between the gradient and the optimizer's step."""

from abc import ABC, abstractmethod
from typing import ClassVar

from nn.network import Network
from nn.options import Declared


class Regularizer(Declared, ABC):
    """One number of a training's options, named by `kind`; where it is 0 or null, nothing is done.

    W are the weights alone, `network.decayed`, without biases; g is the gradient of all parameters.
    """

    strength: float | None
    place: ClassVar[int]
    """Penalties join the gradient before it is clipped, and weights decay last."""
    changes_gradient: ClassVar[bool] = True

    @abstractmethod
    def __call__(self, network: Network, learning_rate: float) -> float:
        """Change the network's gradients or its weights; the penalty that joins the loss."""
