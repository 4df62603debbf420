"""What keeps weights small and steps short. A new regularizer is a class in a file of its own in this package.

Its `kind` is then an option of every training: of `nn.TrainingOptions`, and of a job.
"""

from nn import registry
from nn.errors import SpecError
from nn.network import Network
from nn.optimizers import Optimizer
from nn.training.regularization.base import Regularizer
from nn.training.regularization.decay import WeightDecay

REGULARIZERS: dict[str, type[Regularizer]] = registry.classes(__name__, Regularizer)

__all__ = ["REGULARIZERS", "Regularization", "Regularizer"]


class Regularization:
    """All that acts between the gradient and the optimizer's step, in its order."""

    def __init__(self, **strengths: float | None) -> None:
        """By kind; SpecError."""
        chosen = (REGULARIZERS[kind](strength=strength) for kind, strength in strengths.items())
        self.chosen = sorted((one for one in chosen if one.strength), key=lambda one: one.place)

    @property
    def active(self) -> bool:
        """Whether it does anything."""
        return bool(self.chosen)

    @property
    def changes_gradient(self) -> bool:
        """Whether the gradient of a step is another than that of the loss."""
        return any(one.changes_gradient for one in self.chosen)

    def add_decay_of(self, optimizer: Optimizer) -> None:
        """Take over the weight decay that AdamW brings itself; SpecError when it is given in both places."""
        if not optimizer.weight_decay:
            return
        for one in self.chosen:
            if isinstance(one, WeightDecay):
                raise SpecError(
                    f"weight_decay: expected it once, got {one.strength:g} for the training and "
                    f"{optimizer.weight_decay:g} for {optimizer.kind}"
                )
        self.chosen.append(WeightDecay(strength=optimizer.weight_decay))

    def add(self, network: Network, learning_rate: float) -> float:
        """Change the network's gradients, decay its weights, and return the penalty."""
        return sum(one(network, learning_rate) for one in self.chosen)
