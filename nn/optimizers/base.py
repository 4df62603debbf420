"""What an optimizer is: how a gradient becomes a step. It works on the network's flat vectors.

θ are the parameters, g their gradients, η the learning rate; every formula is element by element.
docs/backpropagation.md, section 6, has the formulas side by side.
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from nn.arrays import Array
from nn.options import Declared


class Optimizer(Declared, ABC):
    """θ ← θ − η · (something made of g and of what is remembered in `moments`).

    `moments` maps names to vectors of θ's length, zero at first; `steps` counts. Both belong to a checkpoint.
    """

    learning_rate: float
    moment_names: tuple[str, ...] = ()
    """The names of the vectors that it remembers, in the order in which `update` takes them."""
    weight_decay = 0.0
    """The decoupled weight decay that an optimizer brings itself: only AdamW has one."""

    def prepare(self) -> None:
        self.moments: dict[str, Array] = {}
        self.steps = 0

    def start(self, parameters: Array, gradients: Array) -> None:
        """Forget everything, and take the vectors to work on: θ and g, both (n,)."""
        self.theta, self.g = parameters, gradients
        self.moments = {name: np.zeros_like(parameters) for name in self.moment_names}
        self.steps = 0

    def step(self, learning_rate: float) -> None:
        """One step on θ along g, at the rate η that the schedule gives; g is left as it is."""
        self.steps += 1
        self.update(learning_rate, self.theta, self.g, *self.moments.values())

    @abstractmethod
    def update(self, eta: float, theta: Array, g: Array, *moments: Array) -> None:
        """The formula of step number `steps`; changes θ and the moments in place."""

    def config(self) -> dict[str, Any]:
        """What `optimizer_from` rebuilds this optimizer from; JSON-able."""
        return {"name": self.kind} | self.chosen()
